"""The tables of `looplint corpus` and what they come to; needs pyarrow, and no Ray."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import corpus_samples
import pytest

pa = pytest.importorskip("pyarrow", reason="needs looplint[corpus]")
pq = pytest.importorskip("pyarrow.parquet", reason="needs looplint[corpus]")

from looplint.cli.commands import main  # noqa: E402
from looplint.corpus import rows as corpus_rows  # noqa: E402
from looplint.corpus.inputs import find  # noqa: E402
from looplint.corpus.run import report  # noqa: E402
from looplint.corpus.schema import FINDINGS, ORDER, PART, SCHEMA_VERSION, TABLES  # noqa: E402
from looplint.corpus.summary import Share, shape, summary_of  # noqa: E402
from looplint.corpus.supervise import part  # noqa: E402
from looplint.corpus.tables import Output, of_parts, read, write_empty  # noqa: E402
from looplint.corpus.units import LintItems, LintRows  # noqa: E402
from looplint.project.settings import WrongUse  # noqa: E402


def job(scratch: Path) -> Any:
    from looplint.corpus.job import Job

    return Job({}, None, 60.0, 2 << 30, str(scratch))


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Folders, and the rows of `PART` that an actor makes of them."""
    folder = corpus_samples.lay_out(corpus_samples.repositories(), tmp_path_factory.mktemp("trees"))
    items = [{"kind": i.kind, "name": i.name, "path": i.path, "source": i.source} for i in find([str(folder)]).items]
    made = pa.concat_tables(LintItems(job(tmp_path_factory.mktemp("scratch")))(pa.Table.from_pylist(items)))
    return folder, made


def finished(parts: Any, folder: Path) -> Path:
    """A finished run that holds these parts."""
    output = Output(str(folder), [], {})
    pq.write_table(parts, f"{output.parts}/some.parquet")
    done = output.done()
    made = folder / "made"
    for name in TABLES:
        (made / name).mkdir(parents=True)
        table = of_parts(name, pa.concat_tables([pq.read_table(p).take(rows) for p, rows in done.parts.items()]))
        pq.write_table(table, made / name / "some.parquet")
    output.finish(str(made))
    output.close()
    made.rmdir()
    return folder


# The tables


def test_the_findings_are_those_of_looplint(linted: tuple[Path, Any], tmp_path: Path) -> None:
    folder, parts = linted
    assert corpus_samples.by_corpus(finished(parts, tmp_path / "out")) == corpus_samples.by_looplint(folder)


def test_an_archive_gives_the_same_as_its_folders(linted: tuple[Path, Any], tmp_path: Path) -> None:
    _, parts = linted
    file = corpus_samples.archive(corpus_samples.repositories(), tmp_path / "all.zip")
    items = [{"kind": i.kind, "name": i.name, "path": i.path, "source": i.source} for i in find([str(file)]).items]
    made = pa.concat_tables(LintItems(job(tmp_path))(pa.Table.from_pylist(items)))
    assert set(made["of"].to_pylist()) == {len(corpus_samples.repositories())}

    def known(table: Any) -> list[Any]:
        rows = of_parts("findings", table).to_pylist()
        return sorted(
            (r["repository"].removeprefix("all/"), r["path"], r["row"], r["code"], r["picture"]) for r in rows
        )

    assert known(made) == known(parts)


def test_the_rows_of_a_repository_give_the_same_as_its_folder(linted: tuple[Path, Any], tmp_path: Path) -> None:
    _, parts = linted
    lint = LintRows(job(tmp_path))
    made = []
    for name, files in corpus_samples.repositories().items():
        listed: list[dict[str, Any]] = [
            {"repository": name, "path": p, "content": data, "note": None} for p, data in files.items()
        ]
        random.Random(0).shuffle(listed)
        made.append(lint(corpus_rows.table(listed)))
    for name in ("findings", "files"):
        here, there = (
            [{k: v for k, v in row.items() if k != "seconds"} for row in of_parts(name, table).to_pylist()]
            for table in (pa.concat_tables(made), parts)
        )
        assert sorted(map(json.dumps, here)) == sorted(map(json.dumps, there))


def test_rows_that_cannot_be_linted_are_in_the_files(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"repository": "r", "path": "../up.py", "content": b"1", "note": None},
        {"repository": "r", "path": "none.py", "content": None, "note": "the row has no content"},
        {"repository": "r", "path": "fit.py", "content": b"x = 1\n", "note": None},
    ]
    files = of_parts("files", LintRows(job(tmp_path))(corpus_rows.table(rows))).to_pylist()
    assert {file["path"]: file["notes"] for file in files} == {
        "../up.py": ["its path points outside the repository; it was skipped"],
        "none.py": ["the row has no content"],
        "fit.py": [],
    }


def test_duckdb_and_pandas_read_the_tables(linted: tuple[Path, Any], tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed")
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    out = finished(linted[1], tmp_path / "out")
    number = len(corpus_samples.by_corpus(out))
    found = duckdb.sql(
        f"select u.repository, count(f.code), max(len(f.trace)), max(f.trace[1].message) "
        f"from '{out}/units/*.parquet' u left join '{out}/findings/*.parquet' f using (repository) "
        "group by all order by all"
    ).fetchall()
    assert [row[0] for row in found] == sorted(corpus_samples.repositories())
    assert sum(row[1] for row in found) == number
    assert max(row[2] for row in found) > 1 and any(row[3] for row in found)
    frame = pandas.read_parquet(out / "findings")
    assert len(frame) == number and set(frame.columns) == set(FINDINGS.names)
    assert (pandas.read_parquet(out / "files").lines > 0).all()


def test_every_column_says_what_it_holds_and_every_file_its_version(linted: tuple[Path, Any], tmp_path: Path) -> None:
    out = finished(linted[1], tmp_path / "out")
    for name, schema in TABLES.items():
        there = pq.read_schema(next((out / name).glob("*.parquet")))
        assert there.metadata[b"looplint-schema"] == str(SCHEMA_VERSION).encode()
        assert there.names == schema.names
        assert all(there.field(column).metadata[b"description"].endswith(b".") for column in there.names)
        rows = read(str(out), name)
        assert rows.equals(rows.sort_by([(key, "ascending") for key in ORDER[name]]))


def test_the_schema_changes_with_its_version_only() -> None:
    """Whoever changes a column reads this: a new one may be added here, any other change raises SCHEMA_VERSION."""
    columns = {name: [(f.name, str(f.type)) for f in schema] for name, schema in TABLES.items()}
    numbers = "cell: int32, row: int32, column: int32, end_row: int32, end_column: int32"
    step = f"struct<path: string, {numbers}, message: string>"
    assert SCHEMA_VERSION == 1
    assert columns == {
        "findings": [
            *(("repository", "string"), ("path", "string"), ("cell", "int32"), ("row", "int32")),
            *(("column", "int32"), ("end_row", "int32"), ("end_column", "int32"), ("code", "string")),
            *(("name", "string"), ("severity", "string"), ("message", "string"), ("trace", f"list<item: {step}>")),
            *(("preview", "bool"), ("picture", "string"), ("version", "string")),
        ],
        "files": [
            *(("repository", "string"), ("path", "string"), ("digest", "string"), ("lines", "int64")),
            *(("loops", "int32"), ("findings", "int32"), ("notes", "list<item: string>")),
            *(("errors", "list<item: string>"), ("seconds", "double"), ("cut_off", "bool"), ("version", "string")),
        ],
        "units": [
            *(("repository", "string"), ("source", "string"), ("state", "string"), ("attempts", "int32")),
            *(("files", "int32"), ("lines", "int64"), ("loops", "int32"), ("findings", "int32")),
            *(("seconds", "double"), ("peak_memory", "int64"), ("error", "string"), ("version", "string")),
        ],
    }


# An unfinished run


def units(*names: str, source: str = "rows", of: int = 1) -> Any:
    made = [{**part(name, source, "done", attempts=1), "of": of} for name in names]
    return pa.Table.from_pylist(made, schema=PART)


def test_what_is_done_is_known_and_half_written_files_are_removed(tmp_path: Path) -> None:
    output = Output(str(tmp_path), ["a"], {})
    pq.write_table(units("one", "two"), f"{output.parts}/1.parquet")
    pq.write_table(units("two", "three"), f"{output.parts}/2.parquet")
    half = Path(output.parts, "3.parquet")
    half.write_bytes(Path(output.parts, "2.parquet").read_bytes()[:-20])
    done = output.done()
    assert done.repositories == {"one", "two", "three"}
    assert [rows for _, rows in sorted(done.parts.items())] == [[0, 1], [1]]
    assert not half.exists()


def test_an_archive_is_done_when_all_its_repositories_are(tmp_path: Path) -> None:
    output = Output(str(tmp_path), ["a"], {})
    pq.write_table(units("x/1", source="archive:x", of=2), f"{output.parts}/1.parquet")
    assert output.done().items == frozenset()
    pq.write_table(units("x/2", source="archive:x", of=2), f"{output.parts}/2.parquet")
    assert output.done().items == {"archive:x"}


def test_a_folder_with_another_run_or_something_else_is_refused(tmp_path: Path) -> None:
    Output(str(tmp_path / "a"), ["x"], {"options": {}}).close()
    Output(str(tmp_path / "a"), ["x"], {"options": {}}).close()
    with pytest.raises(WrongUse, match="holds a run with other options: choose another"):
        Output(str(tmp_path / "a"), ["x"], {"options": {"preview": True}})
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "thesis.txt").touch()
    with pytest.raises(WrongUse, match="contains other files"):
        Output(str(tmp_path / "b"), ["x"], {})


def test_two_runs_do_not_write_to_the_same_folder(tmp_path: Path) -> None:
    first = Output(str(tmp_path), ["x"], {})
    with pytest.raises(WrongUse, match="another run is writing to it"):
        Output(str(tmp_path), ["x"], {})
    first.close()
    Output(str(tmp_path), ["x"], {}).close()


# Rows


def test_lines_that_are_no_json_are_reported(tmp_path: Path) -> None:
    good = json.dumps({"repo": "r", "path": "a.py", "code": "x = 1"})
    (tmp_path / "x.jsonl").write_text(
        f"{good}\n{{\n\n[]\n{json.dumps({'repo': 'r', 'path': 'b.py'})}\n", encoding="utf-8"
    )
    rows = list(corpus_rows.json_lines(str(tmp_path / "x.jsonl"), {}))
    assert [(row["repository"], row["path"], row["content"]) for row in rows] == [
        ("r", "a.py", b"x = 1"),
        (corpus_rows.UNNAMED, "x.jsonl:2", None),
        (corpus_rows.UNNAMED, "x.jsonl:4", None),
        ("r", "b.py", None),
    ]
    assert "is not JSON" in rows[1]["note"] and "no JSON object" in rows[2]["note"] and "no content" in rows[3]["note"]


def test_parquet_files_that_are_none_are_noted_and_columns_must_be_there(tmp_path: Path) -> None:
    corpus_samples.parquet(corpus_samples.repositories(), tmp_path)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    found = corpus_rows.read_footers(find([str(tmp_path)]).parquet, {})
    assert [len(paths) for paths in found.files.values()] == [3]
    assert found.size > 1000
    assert list(found.unreadable) == [str(tmp_path / "broken.parquet")]
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(WrongUse, match="no column has a known name for the repository"):
        corpus_rows.read_footers([str(tmp_path / "other.parquet")], {})


def test_a_uri_may_hold_a_pattern(tmp_path: Path) -> None:
    corpus_samples.parquet(corpus_samples.repositories(), tmp_path)
    found = find([f"file://{tmp_path}/part-[01].parquet".replace("[01]", "?"), f"file://{tmp_path}/*-2.parquet"])
    assert found.parquet == [f"file://{tmp_path}/part-{number}.parquet" for number in range(3)]
    with pytest.raises(WrongUse, match="there is no archive and no file of rows"):
        find([f"file://{tmp_path}/*.zip"])


# The summary


@pytest.mark.parametrize(
    ("share", "low", "high"),
    # Computed with statsmodels 0.14: proportion_confint(part, whole, method="wilson").
    [(Share(0, 10), 0.0, 0.277533), (Share(1, 10), 0.017876, 0.404150), (Share(81, 263), 0.255289, 0.366192)],
)
def test_the_intervals_are_wilsons(share: Share, low: float, high: float) -> None:
    assert share.interval == pytest.approx((low, high), abs=2e-4)
    assert Share(0, 0).interval == (0.0, 1.0)


def test_a_shape_is_a_message_without_its_names() -> None:
    def steps(*steps: tuple[str, str]) -> list[dict[str, object]]:
        return [{"path": path, "message": message} for path, message in steps]

    one = shape("`adam` steps 2 times", steps(("a.py", "`x` here"), ("a.py", "")))
    assert one == shape("`sgd` steps 31 times", steps(("b.py", "`y` here"), ("b.py", "")))
    assert one != shape("`sgd` steps 31 times", steps(("a.py", "`y` here"), ("b.py", "")))


def test_the_summary_counts_what_is_in_the_tables(linted: tuple[Path, Any], tmp_path: Path) -> None:
    out = finished(linted[1], tmp_path / "out")
    found = corpus_samples.by_corpus(out)
    summary = summary_of(str(out))
    assert summary.findings == len(found) == sum(rule.findings for rule in summary.rules)
    assert summary.repositories == summary.with_loop == 6
    for rule in summary.rules:
        assert rule.repositories.part == len({f[0] for f in found if f[7] == rule.code})
    assert 1 < len(summary.shapes) <= 10
    assert all("^" in shape.picture for shape in summary.shapes)


def test_the_report_is_made_of_the_parquet_alone(
    linted: tuple[Path, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = finished(linted[1], tmp_path / "out")
    assert main(["corpus", "--report", str(out)]) == 0
    text, page = ((out / f"summary.{kind}").read_text(encoding="utf-8") for kind in ("md", "html"))
    for words in ("LOOP201", "missing-zero-grad", "steps again before its gradients are cleared", "repositories"):
        assert words in text and words in page
    assert "<svg" in page and "http" not in page.replace("https://github.com/looplint", "")
    assert main(["corpus", "--report", str(tmp_path)]) == 2
    assert "holds no finished run" in capsys.readouterr().err


def test_what_comes_from_the_code_is_text_in_the_page(linted: tuple[Path, Any], tmp_path: Path) -> None:
    rows = [
        {**row, "picture": "<script>1</script>", "message": "`<b>`", "path": "<i>.py"}
        for row in of_parts("findings", linted[1]).to_pylist()[:1]
    ]
    parts = part("<u>", "folder:x", "hung", attempts=2, files=[], findings=rows, error="<em>")
    out = finished(pa.Table.from_pylist([parts], schema=PART), tmp_path / "out")
    report(str(out))
    page = (out / "summary.html").read_text(encoding="utf-8")
    assert [tag for tag in ("<script>", "<i>", "<u>", "<em>", "<b>") if tag in page] == []
    assert "&lt;script&gt;" in page and "hung" in page


def test_another_schema_is_refused(linted: tuple[Path, Any], tmp_path: Path) -> None:
    out = finished(linted[1], tmp_path / "out")
    table = read(str(out), "units").replace_schema_metadata({"looplint-schema": "99"})
    pq.write_table(table, next((out / "units").glob("*.parquet")))
    with pytest.raises(WrongUse, match="has schema 99"):
        summary_of(str(out))


def test_a_run_without_findings_has_all_tables(tmp_path: Path) -> None:
    for name in TABLES:
        write_empty(str(tmp_path / name), name)
    assert [read(str(tmp_path), name).num_rows for name in TABLES] == [0, 0, 0]
    assert summary_of(str(tmp_path)).rules == []
    report(str(tmp_path))
    assert "Nothing was found" in (tmp_path / "summary.md").read_text(encoding="utf-8")
