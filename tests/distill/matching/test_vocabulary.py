import pytest
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from distill.matching.vocabulary import find_shared_rows, require_shared_end
from filters.errors import UserError

TOKENS = {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4}


def make(tokens=None, merges=(("a", "b"), ("b", "c")), added=("<end>",), **parts) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE(tokens or TOKENS, list(merges)))
    tokenizer.add_tokens(
        [one if isinstance(one, AddedToken) else AddedToken(one, special=True) for one in added]
    )
    for name, part in parts.items():
        setattr(tokenizer, name, part)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>")


def test_the_smaller_of_two_padded_embeddings_is_shared():
    assert find_shared_rows(make(), make(), (8, 64)) == 8
    assert find_shared_rows(make(), make(), (6, 6)) == 6


@pytest.mark.parametrize(
    ("teacher", "said"),
    [
        (make({**TOKENS, "b": 2, "c": 1}), "'b' is the id 1 for the student and the id 2 for the teacher"),
        (make(added=["<end>", "<think>"]), "'<think>' is no token for the student and the id 6 for the teacher"),
        (make(merges=[("b", "c"), ("a", "b")]), "their tokenizers differ in the merges"),
        (make(normalizer=normalizers.NFC()), "their tokenizers differ in the normalizer"),
        (make(pre_tokenizer=pre_tokenizers.Digits()), "their tokenizers differ in the pre tokenizer"),
        (make(added=[AddedToken("<end>", special=False)]), "the added token '<end>' is not of the same kind"),
        (make(added=[AddedToken("<end>", special=True, lstrip=True)]), "the added token '<end>' is not of the same kind"),
    ],
)  # fmt: skip
def test_ids_that_may_mean_something_else_are_refused(teacher, said):
    with pytest.raises(UserError, match=said):
        find_shared_rows(make(), teacher, (64, 64))


@pytest.mark.parametrize(("rows", "who"), [((5, 64), "student"), ((64, 5), "teacher")])
def test_a_token_beyond_an_embedding_is_refused(rows, who):
    with pytest.raises(UserError, match=f"'<end>' has the id 5, but the {who}'s embedding has only 5 rows"):
        find_shared_rows(make(), make(), rows)


def test_a_tokenizer_without_a_file_is_refused():
    with pytest.raises(UserError, match=r"The teacher's tokenizer has no tokenizer\.json"):
        find_shared_rows(make(), object(), (8, 8))


def test_a_teacher_that_ends_turns_otherwise_is_refused():
    require_shared_end(make(), 5, {5, 0})
    with pytest.raises(UserError, match="ends a turn with '<end>' and the teacher with 'a' or 'b'"):
        require_shared_end(make(), 5, {0, 1})
