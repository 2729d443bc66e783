"""How long an editor waits: `python tests/bench/editor.py [--edits 10000]`.

A project of 200 files is made, with a trainer of 500 lines that three scripts call. In it one letter is typed again
and again, and the time until `looplint server` publishes the findings is taken, beside that of a cold
`looplint FILE`, in turn, so that a busy machine disturbs both alike. `--edits`: how many edits are made to the trainer
for the memory, which is written down after every 500: letters, rows that come and go, names, mistakes that appear and
are mended, statements that are half typed.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

TRAINER = '''\
"""Training and validation of the classifier."""
import argparse
import dataclasses
import json
import logging
import math
import os
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from shop.data.set0 import loader_0
from shop.data.set1 import loader_1
from shop.model import Classifier
from shop.tools.tool0 import tool_0_1

logger = logging.getLogger(__name__)


@dataclasses.dataclass
class Config:
    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: int = 100
    clip: float = 1.0
    amp: bool = True
    accumulate: int = 2
    folder: str = "runs"
    patience: int = 3


class Average:
    def __init__(self, name):
        self.name = name
        self.reset()

    def reset(self):
        self.total = 0.0
        self.count = 0

    def update(self, value, n=1):
        self.total += value * n
        self.count += n

    @property
    def value(self):
        return self.total / max(1, self.count)


class Ema:
    def __init__(self, model, decay=0.999):
        self.decay = decay
        self.shadow = {name: p.detach().clone() for name, p in model.named_parameters()}

    @torch.no_grad()
    def update(self, model):
        for name, p in model.named_parameters():
            self.shadow[name].mul_(self.decay).add_(p, alpha=1 - self.decay)

    @torch.no_grad()
    def copy_to(self, model):
        for name, p in model.named_parameters():
            p.copy_(self.shadow[name])


class Trainer:
    def __init__(self, model: nn.Module, train_loader: DataLoader, val_loader: DataLoader, config: Config):
        self.config = config
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = model.to(self.device)
        self.train_loader = train_loader
        self.val_loader = val_loader
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._factor)
        self.scaler = torch.amp.GradScaler(enabled=config.amp)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        self.ema = Ema(self.model)
        self.best = math.inf
        self.bad_epochs = 0
        self.step = 0

    def _factor(self, step):
        if step < self.config.warmup:
            return step / max(1, self.config.warmup)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, step / 10000)))

    def train_epoch(self, epoch):
        self.model.train()
        losses = Average("loss")
        accuracy = Average("accuracy")
        self.optimizer.zero_grad(set_to_none=True)
        for index, (images, labels) in enumerate(self.train_loader):
            images = images.to(self.device, non_blocking=True)
            labels = labels.to(self.device, non_blocking=True)
            with torch.autocast(self.device, enabled=self.config.amp):
                logits = self.model(images)
                loss = self.criterion(logits, labels) / self.config.accumulate
            self.scaler.scale(loss).backward()
            if (index + 1) % self.config.accumulate == 0:
                self.scaler.unscale_(self.optimizer)
                nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
                self.scaler.step(self.optimizer)
                self.scaler.update()
                self.scheduler.step()
                self.optimizer.zero_grad(set_to_none=True)
                self.ema.update(self.model)
            losses.update(loss.item() * self.config.accumulate, len(images))
            accuracy.update((logits.argmax(-1) == labels).float().mean().item(), len(images))
            self.step += 1
            if self.step % 100 == 0:
                logger.info("epoch %d step %d loss %.4f", epoch, self.step, losses.value)
        return {"loss": losses.value, "accuracy": accuracy.value}

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        losses = Average("loss")
        accuracy = Average("accuracy")
        for images, labels in self.val_loader:
            images, labels = images.to(self.device), labels.to(self.device)
            logits = self.model(images)
            losses.update(F.cross_entropy(logits, labels).item(), len(images))
            accuracy.update((logits.argmax(-1) == labels).float().mean().item(), len(images))
        return {"loss": losses.value, "accuracy": accuracy.value, "scaled": tool_0_1(losses.value)}

    def fit(self):
        history = []
        for epoch in range(self.config.epochs):
            started = time.time()
            trained = self.train_epoch(epoch)
            validated = self.evaluate()
            history.append({"epoch": epoch, "seconds": time.time() - started, **trained, **validated})
            self.log(history[-1])
            if validated["loss"] < self.best:
                self.best = validated["loss"]
                self.bad_epochs = 0
                self.save("best.pt", epoch)
            else:
                self.bad_epochs += 1
            if self.bad_epochs > self.config.patience:
                break
        return history

    def save(self, name, epoch):
        os.makedirs(self.config.folder, exist_ok=True)
        state = {
            "epoch": epoch,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "scaler": self.scaler.state_dict(),
        }
        torch.save(state, os.path.join(self.config.folder, name))

    def load(self, name):
        state = torch.load(os.path.join(self.config.folder, name), map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.scaler.load_state_dict(state["scaler"])
        return state["epoch"]

    def log(self, row):
        with open(os.path.join(self.config.folder, "log.jsonl"), "a") as file:
            file.write(json.dumps(row))


def finetune(model, loader, epochs=1):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
    return model

'''
METRIC = """
def metric_{i}(predictions, labels, threshold={i}):
    total = 0
    for prediction, label in zip(predictions, labels):
        if abs(float(prediction) - float(label)) > threshold:
            total += math.sqrt(abs(float(prediction)))
    logger.debug("metric %d", total)
    table = {{"total": total, "mean": total / max(1, len(labels))}}
    return table["mean"]

"""
MAIN = """
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    config = Config(epochs=arguments.epochs)
    trainer = Trainer(Classifier(), loader_0([1, 2]), loader_1([3]), config)
    trainer.fit()


if __name__ == "__main__":
    main()
"""
NET = """\
import torch
from torch import nn
{imports}

class Net{i}(nn.Module):
    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, 10)
        self.inner = {inner}

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))
"""
DATA = """\
from torch.utils.data import DataLoader, Dataset


class Set{i}(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index]


def loader_{i}(rows, batch_size=32):
    return DataLoader(Set{i}(rows), batch_size=batch_size, shuffle=True)
"""
SCRIPT = """\
from shop.data.set{i} import loader_{i}
from shop.model import Classifier
from shop.trainer import Config, Trainer


def run():
    trainer = Trainer(Classifier(), loader_{i}([1, 2]), loader_{i}([3]), Config(epochs={i}))
    return trainer.fit()


run()
"""


def make_project(root: Path, scripts: int = 3) -> Path:
    """200 files, among them the trainer, whose path is returned. `scripts`: how many call it; less makes less files."""
    files: dict[str, str] = {"pyproject.toml": "[tool.looplint]\n"}
    for package in ("", "nets/", "data/", "tools/"):
        files[f"shop/{package}__init__.py"] = ""
    for i in range(70):
        above = f"from shop.nets.net{i - 1} import Net{i - 1}\n" if i % 5 else ""
        files[f"shop/nets/net{i}.py"] = NET.format(i=i, imports=above, inner=f"Net{i - 1}(width)" if i % 5 else "None")
    for i in range(60):
        files[f"shop/data/set{i}.py"] = DATA.format(i=i)
    for i in range(61):
        parts = (f"\n\ndef tool_{i}_{j}(value):\n    return math.sqrt(value * {j})\n" for j in range(20))
        files[f"shop/tools/tool{i}.py"] = "import math\n" + "".join(parts)
    files["shop/model.py"] = NET.format(i=3, imports="from shop.nets.net3 import Net3\n", inner="Net3()").replace(
        "class Net3(", "class Classifier("
    )
    missing = 500 - (TRAINER + MAIN).count("\n")
    each = METRIC.count("\n")
    metrics = "".join(METRIC.format(i=i) for i in range(missing // each + 1))
    files["shop/trainer.py"] = TRAINER + metrics + MAIN
    for i in range(scripts):
        files[f"scripts/run{i}.py"] = SCRIPT.format(i=i)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    assert sum(name.endswith(".py") for name in files) == 197 + scripts, len(files)
    return root / "shop" / "trainer.py"


class Client:
    """The least of an editor: it opens a file, types, and waits for the findings."""

    def __init__(self, root: Path) -> None:
        command = [sys.executable, "-m", "looplint", "server"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin is not None and self.process.stdout is not None
        self._to: IO[bytes] = self.process.stdin
        self._from: IO[bytes] = self.process.stdout
        folder = {"uri": root.as_uri(), "name": root.name}
        wanted = {"publishDiagnostics": {"versionSupport": True, "relatedInformation": True}}
        self.send(
            "initialize",
            {"processId": None, "capabilities": {"textDocument": wanted}, "workspaceFolders": [folder]},
            1,
        )
        self.wait(lambda message: message.get("id") == 1)
        self.send("initialized", {})

    def send(self, method: str, params: dict[str, Any], number: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number else {})
        body = json.dumps(message).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._to.flush()

    def wait(self, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message of a certain kind."""
        while True:
            size = 0
            while line := self._from.readline().strip():
                if line.startswith(b"Content-Length:"):
                    size = int(line.split(b":")[1])
            if not size:
                raise RuntimeError("the server has ended")
            message: dict[str, Any] = json.loads(self._from.read(size))
            if is_wanted(message):
                return message

    def open(self, uri: str, text: str) -> None:
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})
        self.answered(uri, 1)

    def type(self, uri: str, version: int, row: int, column: int, letter: str) -> None:
        """Replace one letter."""
        place = {"line": row, "character": column}
        self.change(uri, version, place, place | {"character": column + 1}, letter)

    def change(self, uri: str, version: int, start: dict[str, int], end: dict[str, int], text: str) -> None:
        """Replace a range of a file, as rows and columns from 0."""
        change = {"range": {"start": start, "end": end}, "text": text}
        document = {"uri": uri, "version": version}
        self.send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def answered(self, uri: str, version: int) -> list[dict[str, Any]]:
        """The findings of a version of a file, once they are published."""
        message = self.wait(
            lambda m: (
                m.get("method") == "textDocument/publishDiagnostics"
                and m["params"]["uri"] == uri
                and m["params"].get("version") == version
            )
        )
        found: list[dict[str, Any]] = message["params"]["diagnostics"]
        return found

    def processor(self) -> float:
        """Seconds of the processor that the server has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Megabytes that the server holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@dataclasses.dataclass(slots=True)
class Times:
    """Milliseconds, as they passed and of the processor."""

    waited: list[float] = dataclasses.field(default_factory=list)
    processor: list[float] = dataclasses.field(default_factory=list)

    def add(self, waited: float, processor: float) -> None:
        self.waited.append(waited * 1000)
        self.processor.append(processor * 1000)

    def median(self) -> float:
        return statistics.median(self.waited)


def children() -> float:
    """Seconds of the processor that the processes run so far have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def typed(client: Client, uri: str, text: str, count: int, first: int, digit: str = "") -> Iterator[float]:
    """Seconds from each of some letters to the findings: a digit inside the training loop is replaced. `digit`: the one
    that is typed; by default another one each time."""
    mark = "self.step % 100"
    row = next(index for index, line in enumerate(text.split("\n")) if mark in line)
    column = text.split("\n")[row].index(mark) + len(mark) - 1
    for number in range(count):
        started = time.perf_counter()
        client.type(uri, first + number, row, column, digit or str((first + number) % 10))
        client.answered(uri, first + number)
        yield time.perf_counter() - started


def edits(text: str) -> Iterator[tuple[str, str]]:
    """Edits without end: a text that stands once in the trainer, and what is put in its place. Each is undone by the
    next one or by a later one, so that the trainer does not grow."""
    once = [
        ("            optimizer.zero_grad()\n            loss = criterion(", "            loss = criterion("),
        ("self.best = validated", "self.best  = validated"),
        ("        history = []\n", "        history = []\n        total = 0\n        total +=\n"),
        ("    def save(self, name, epoch):", "    def save(self, name, epoch=0):"),
        ("losses.update(loss.item()", "losses.update(loss"),
        (
            "def finetune(model, loader, epochs=1):",
            "def extra(model):\n    model.eval()\n\n\ndef finetune(model, loader):",
        ),
        ("images = images.to(self.device, non_blocking=True)", "images = images.to(self.device, non_blocking=True"),
        (
            "logits = self.model(images)\n                loss",
            "logits = self.model.forward(images)\n                loss",
        ),
    ]
    for old, _ in once:
        assert text.count(old) == 1, old
    number = 0
    while True:
        for old, new in once:
            yield old, new
            yield new, old
            yield f"self.step % {100 + number}", f"self.step % {101 + number}"
            yield f"metric_{number % 9}(predictions", f"metric_{number % 9}(guesses"
            yield f"metric_{number % 9}(guesses", f"metric_{number % 9}(predictions"
            number += 1


def memory(client: Client, uri: str, text: str, count: int, version: int) -> None:
    """Edit the trainer, and print what the server holds on the way."""
    list(typed(client, uri, text, 1, version, digit="0"))
    started = time.perf_counter()
    for number, (old, new) in enumerate(itertools.islice(edits(text), count), 1):
        at = text.index(old)
        rows = text[:at].split("\n")
        removed = old.split("\n")
        start = {"line": len(rows) - 1, "character": len(rows[-1])}
        end = {"line": len(rows) + len(removed) - 2, "character": len(removed[-1])}
        if len(removed) == 1:
            end["character"] += len(rows[-1])
        text = text[:at] + new + text[at + len(old) :]
        client.change(uri, version + number, start, end, new)
        client.answered(uri, version + number)
        if number % 500 == 0:
            took = time.perf_counter() - started
            print(f"after {number:>6} edits           {client.memory():.1f} MB, {took:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="how often each is timed")
    parser.add_argument("--edits", type=int, default=0, help="edits that are made for the memory")
    parser.add_argument("--scripts", type=int, default=3, help="scripts that call the trainer, each evaluated as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trainer = make_project(Path(folder), options.scripts)
        text, uri = trainer.read_text(encoding="utf-8"), trainer.as_uri()
        client = Client(Path(folder))
        client.open(uri, text)
        list(typed(client, uri, text, 5, 2))
        cold, warm = Times(), Times()
        version = 100
        command = [sys.executable, "-m", "looplint", "-q", "--no-cache", str(trainer)]
        for _ in range(options.runs):
            before = time.perf_counter(), children()
            subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
            cold.add(time.perf_counter() - before[0], children() - before[1])
            processor = client.processor()
            [seconds] = typed(client, uri, text, 1, version)
            warm.add(seconds, client.processor() - processor)
            version += 1
        print(f"load of the machine           {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print(f"rows of the trainer           {text.count(chr(10))}")
        for name, times in (("cold `looplint FILE`", cold), ("letter to findings", warm)):
            low, high = min(times.waited), max(times.waited)
            print(
                f"{name:<30}{times.median():.0f} ms (least {low:.0f}, most {high:.0f}); "
                f"of the processor {statistics.median(times.processor):.0f} ms"
            )
        print(f"ratio of the medians          {warm.median() / cold.median():.2f}")
        if options.edits:
            memory(client, uri, text, options.edits, version)
        client.process.kill()


if __name__ == "__main__":
    main()
