import datasets
import pyarrow as pa
import pytest

from curate.engines.chat_template import Chat
from curate.store.finished_sets import compute_set_digest, describe_files
from curate.store.layout import INSPECTION, Run
from curate.store.parquet import write_part
from curate.store.schema import SAMPLES, SET, VERDICTS, sample_row, verdict_row
from curate.store.verdicts import record_checks
from curate.store.whole_files import read_json, write_json
from distill.common.training_sets import find_set
from distill.sft.corpus import Admission, CorpusCounts, tokenize_set
from distill.sft.tokens import Tokenization
from filters.errors import UserError
from filters.spec import make_spec
from filters.types import Prompt, Sample, Verdict
from tests.distill.tiny import make_tokenizer, row, sums, write_set


@pytest.fixture
def tokens():
    tokenizer = make_tokenizer()
    return Tokenization(tokenizer, Chat(tokenizer, None, "tiny"))


def test_rows_are_left_out_whole_and_counted(tmp_path, tokens):
    rows = [row("q", "good"), row("q", "x" * 200), row("q", " \n"), row("q", "")]
    left_out = Admission(drop_bad=True)
    counts = tokenize_set(write_set(tmp_path / "set.jsonl", rows), tokens, 100, tmp_path, admission=left_out)
    (used,) = datasets.Dataset.from_file(str(tmp_path / "corpus.arrow"))
    # <|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\n is 20 tokens, then 4 letters and the end.
    assert counts == CorpusCounts(rows=1, too_long=1, nothing_to_learn=2, tokens=25, learned=5, longest=25)
    assert (used["length"], len(used["input_ids"]), used["labels"][:20]) == (25, 25, [-100] * 20)
    assert used["labels"][20:] == used["input_ids"][20:]


def test_a_row_of_exactly_the_longest_length_is_used(tmp_path, tokens):
    source = write_set(tmp_path / "set.jsonl", [row("q", "good")])
    assert tokenize_set(source, tokens, 25, tmp_path / "fits").rows == 1
    with pytest.raises(UserError, match=r"limit_too_small: .*\(1 of 1 rows are longer than 24 tokens"):
        tokenize_set(source, tokens, 24, tmp_path / "cut")


def test_a_corpus_is_written_once(tmp_path, tokens):
    source = write_set(tmp_path / "set.jsonl", sums(5))
    first = tokenize_set(source, tokens, 100, tmp_path)
    source.unlink()
    assert tokenize_set(source, tokens, 100, tmp_path) == first


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (
            {"prompt": "q", "answer": "1"},
            r"line 2: there is no column 'completion' .* there are: prompt, answer",
        ),
        ({"prompt": "q", "completion": []}, "line 2: 'completion' is not one assistant message"),
        ({"prompt": "q", "completion": [{"role": "user", "content": "a"}]}, "line 2: 'completion' is not"),
        (
            {"prompt": [1], "completion": "a"},
            "unreadable: 1 of 2 rows \\(.*line 2\\) cannot be read \\(.*line 2: 'prompt' is a list of numbers, not a text",
        ),
    ],
)
def test_a_malformed_row_is_named(tmp_path, tokens, bad, said):
    source = write_set(tmp_path / "set.jsonl", [row("q", "good"), bad])
    with pytest.raises(UserError, match=said):
        tokenize_set(source, tokens, 100, tmp_path)
    assert not (tmp_path / "counts.json").exists()


def test_parquet_is_read_like_json_lines(tmp_path, tokens):
    rows = sums(9)
    lines = tokenize_set(write_set(tmp_path / "set.jsonl", rows), tokens, 100, tmp_path / "lines")
    folder = tmp_path / "sets" / "sft"
    for number, part in enumerate((rows[:4], rows[4:])):
        write_part(
            folder / f"part-{number:05}.parquet", part, pa.schema([(c, SET.field(c).type) for c in part[0]])
        )
    assert tokenize_set(find_set(Run(tmp_path), str(folder)), tokens, 100, tmp_path / "parquet") == lines
    one, two = (
        datasets.Dataset.from_file(str(tmp_path / kind / "corpus.arrow"))["labels"][:]
        for kind in ("lines", "parquet")
    )
    assert one == two


def test_a_set_is_found_by_name_or_path(tmp_path):
    run = Run(tmp_path)
    columns = pa.schema([SET.field("prompt"), SET.field("completion")])
    write_part(run.set("sft") / "train-00000-of-00001.parquet", sums(2), columns)
    write_json(run.set_info("sft"), {"rows": 2, "files": describe_files(run.set("sft"))})
    assert find_set(run, "sft") == tmp_path / "sets" / "sft"
    file = write_set(tmp_path / "mine.jsonl", sums(1))
    assert find_set(run, str(file)) == file
    with pytest.raises(UserError, match=r"There is no set 'stf' in .* the run has: sft"):
        find_set(run, "stf")
    write_set(run.set("sft") / "more.jsonl", sums(1))
    with pytest.raises(
        UserError, match=r"Set 'sft' of .* is not as mix made it: there is 'more.jsonl'; run mix"
    ):
        find_set(run, "sft")


def test_a_sets_digest_follows_its_bytes(tmp_path):
    one, two = write_set(tmp_path / "a.jsonl", sums(3)), write_set(tmp_path / "b.jsonl", sums(4))
    before = compute_set_digest(tmp_path)
    assert compute_set_digest(one) != compute_set_digest(two)
    write_set(two, sums(5))
    assert compute_set_digest(tmp_path) != before


def test_shown_rows_are_withheld_where_a_check_of_the_run_keeps_them_from_being_repeated(tmp_path, tokens):
    run = Run(tmp_path / "run")
    asked = Prompt.make("q")
    samples = [Sample(str(number), asked, "a word", number) for number in range(2)]
    write_part(run.samples("teacher") / "part-00000.parquet", [sample_row(one) for one in samples], SAMPLES)
    said = [Verdict(False, "secret: AWS key"), Verdict(True)]
    rows = [verdict_row(one.id, one.content, verdict) for one, verdict in zip(samples, said, strict=True)]
    write_part(run.verdicts("teacher") / "secrets" / "part-00000.parquet", rows, VERDICTS)
    record_checks(run, "teacher", [make_spec("secrets")], "filter")
    run.set("sft").mkdir(parents=True)
    write_set(
        run.set("sft") / "train.jsonl",
        [{**row("q", f"word {number}"), "id": str(number)} for number in range(2)],
    )
    tokenize_set(run.set("sft"), tokens, 100, tmp_path / "model")
    shown = {one["id"]: one["pieces"] for one in read_json(tmp_path / "model" / INSPECTION)["shown"]}
    assert [piece["text"] for piece in shown["0"]] == ["the text is withheld: 'secrets' says secret"]
