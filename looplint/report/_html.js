"use strict";
const findings = [...document.querySelectorAll(".finding")];
const boxes = [...document.querySelectorAll("nav input[type=checkbox]")];
const search = document.querySelector("nav input[type=search]");
const shown = document.getElementById("shown");
const all = shown.textContent;
let texts = null;
let current = null;

// Filters: what is chosen in one list is joined by "or", the lists and the words of the search by "and".
function filter() {
  const chosen = {severity: new Set(), rule: new Set(), file: new Set()};
  for (const box of boxes) if (box.checked) chosen[box.name].add(box.value);
  const lists = Object.entries(chosen).filter(([, values]) => values.size);
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length && !texts) texts = findings.map((finding) => finding.textContent.toLowerCase() + finding.dataset.file);
  let count = 0;
  const rules = new Set();
  findings.forEach((finding, number) => {
    const fits = lists.every(([name, values]) => values.has(finding.dataset[name]))
      && words.every((word) => texts[number].includes(word));
    finding.hidden = !fits;
    if (fits) { count += 1; rules.add(finding.dataset.rule); }
  });
  for (const page of document.querySelectorAll(".rule")) page.classList.toggle("unused", !rules.has(page.dataset.rule));
  const narrowed = lists.length > 0 || words.length > 0;
  shown.textContent = narrowed ? `${count.toLocaleString("en")} of ${all}` : all;
  document.getElementById("none").hidden = count > 0 || !findings.length;
  document.querySelector("nav button").disabled = !narrowed;
}

function clear() {
  for (const box of boxes) box.checked = false;
  search.value = "";
  filter();
}

function go(by) {
  const seen = findings.filter((finding) => !finding.hidden);
  if (!seen.length) return;
  const place = seen.indexOf(current);
  current = seen[place < 0 ? (by > 0 ? 0 : seen.length - 1) : Math.max(0, Math.min(seen.length - 1, place + by))];
  current.focus({preventScroll: true});
  current.scrollIntoView({block: "start"});
}

function theme() {
  const root = document.documentElement;
  const next = {"": "light", light: "dark", dark: ""}[root.dataset.theme || ""];
  if (next) root.dataset.theme = next; else delete root.dataset.theme;
}

const actions = {clear, theme};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) actions[button.dataset.do]();
  current = event.target.closest(".finding") || current;
});
document.querySelector("nav").addEventListener("input", filter);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === search) {
    if (event.key === "Enter" || event.key === "Escape") { event.preventDefault(); search.blur(); }
    return;
  }
  const open = document.querySelector(":popover-open");
  if (event.key === "?") document.getElementById("keys").togglePopover();
  else if (open) return;
  else if (event.key === "j" || event.key === "n") go(1);
  else if (event.key === "k" || event.key === "p") go(-1);
  else if (event.key === "x") clear();
  else if (event.key === "t") theme();
  else if (event.key === "Enter" && document.activeElement === current && current) current.querySelector(".page")?.click();
  else if (event.key === "/") search.focus();
  else return;
  event.preventDefault();
});
filter();  // A browser may have kept what was chosen before the page was loaded again.
