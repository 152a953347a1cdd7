"""The shapes of other people's rows, one small class each."""

from __future__ import annotations

from curate.readers.shapes.asked import answer_asked, read_asked, read_history, read_system
from curate.readers.shapes.cells import is_filled, is_hollow, is_number, is_texts, list_filled
from curate.readers.shapes.columns import LOOSE_LISTS, Columns
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.packed_json import open_list
from curate.readers.shapes.parts import (
    Values,
    find_chain,
    find_chains,
    find_lists,
    find_lost_response,
    find_response,
    find_turns,
    has_own,
)
from curate.readers.shapes.prompt_or_turns import (
    ask_alone,
    drop_answer,
    has_question,
    list_system,
    put_system,
)
from curate.readers.shapes.reading import SampleReading
from curate.readers.shapes.shape import Shape
from curate.readers.shapes.templates import begins_in_words, parse_rendered
from curate.readers.shapes.turns import Turn, read_turns, split_last


class PromptCompletion(Shape):
    """TRL's sets: prompt and completion, each a text or messages."""

    name = "prompt and completion"
    needs = "the columns prompt and completion"

    def fits(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        name = columns.completion
        return name is not None and not is_texts(values[name])

    def yields(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        return has_own(values, columns)

    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """See Shape."""
        assert columns.completion
        find_response(values, columns)
        asked, cell = read_asked(values, columns), values[columns.completion]
        return [answer_asked(asked, cell, columns.completion, find_chain(values, columns), has_calls(values))]


class Pairs(Shape):
    """Chain and answer of several teachers, a pair of columns each (s1K-1.1): a sample each."""

    name = "teachers"
    needs = "columns like deepseek_thinking_trajectory and deepseek_attempt"

    def fits(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        return any(is_filled(values[chain]) for chain, _ in columns.pairs)

    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """See Shape."""
        alone = [chain for chain, answer in columns.pairs if not answer and is_filled(values[chain])]
        if alone or has_own(values, columns):
            name = (alone or [columns.pairs[0][0]])[0]
            raise Misfit(
                f"the chain in '{name}' has lost its answer: leave the teachers' columns as they are, without --map"
            )
        asked = read_asked(values, columns)
        return [
            answer_asked(asked, values[answer], answer, (chain, values[chain]))._replace(generation=number)
            for number, (chain, answer) in enumerate(columns.pairs)
        ]


class Generations(Shape):
    """A list of responses in a row, or columns that are numbered: a sample each."""

    name = "generations"
    needs = "a list of responses in a column like generations"

    def fits(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        return bool(find_lists(values, columns))

    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """See Shape."""
        found = find_lists(values, columns)
        if len(found) > 1:
            raise Misfit(
                f"it has several lists of responses, {', '.join(found)}: name one with --map response=COLUMN"
            )
        ((name, cells),) = found.items()
        asked = ask_alone(values, columns)
        chains = find_chains(values, columns, len(cells))
        return [
            answer_asked(asked, cell, f"{name}[{number}]", chain)._replace(generation=number)
            for number, (cell, chain) in enumerate(zip(cells, chains, strict=True))
        ]


class Conversation(Shape):
    """`messages`, or ShareGPT's `conversations`: the last assistant's turn is the response, what precedes it the prompt."""

    name = "messages"
    needs = "a conversation in a column like messages or conversations"

    def fits(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        return find_turns(values, columns) is not None

    def yields(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        return has_own(values, columns)

    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """See Shape."""
        found = find_turns(values, columns)
        assert found
        name, turns = found[0], read_turns(found[1], found[0])
        turns = [*list_system(values, columns, turns), *turns]
        chain = find_chain(values, columns)
        if turns[-1].role != "assistant" and columns.responses:
            response = find_response(values, columns)
            return [
                answer_asked(read_history(turns, name), values[response], response, chain, has_calls(values))
            ]
        history, last = split_last(turns, name)
        asked = read_history(history, name)
        if not has_question(asked) and list_filled(values, columns.prompts):
            asked = put_system(asked, read_asked(values, columns), name)
        return [_mark(answer_asked(asked, last.content, name, chain), last.marks)]


class Response(Shape):
    """A column of responses, with or without one of chains and one of prompts."""

    name = "response"
    needs = "a column like response"

    def fits(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        return bool(columns.responses)

    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """See Shape."""
        name = find_response(values, columns)
        chain = find_chain(values, columns)
        found = find_turns(values, columns)
        if found is None:
            return [answer_asked(read_asked(values, columns), values[name], name, chain, has_calls(values))]
        turns = read_turns(found[1], found[0])
        asked = read_history([*list_system(values, columns, turns), *drop_answer(turns)], found[0])
        alone = (
            read_asked(values, columns) if any(is_filled(values[one]) for one in columns.prompts) else None
        )
        if alone and alone.last.strip() not in [
            turn.content.strip() for turn in turns if turn.role == "user"
        ]:
            raise Misfit(
                f"the prompt is none of the questions in '{found[0]}': remove one of the two columns"
            )
        reading = answer_asked(asked, values[name], name, chain, has_calls(values))
        if turns[-1].role != "assistant":
            return [reading]
        if (
            answer_asked(asked, turns[-1].content, found[0], chain).response.strip()
            == reading.response.strip()
        ):
            return [reading]
        if alone is None:
            raise Misfit(
                f"'{name}' differs from the last turn of '{found[0]}': remove one of the two columns"
            )
        return [answer_asked(alone, values[name], name, chain, has_calls(values))]


class Text(Shape):
    """A whole sample in one text: a response alone, or a conversation in a chat template."""

    name = "text"
    needs = "the column text"

    def fits(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        return columns.text is not None and not any(is_filled(values[name]) for name in columns.prompts)

    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """See Shape."""
        assert columns.text
        name, text, before = columns.text, values[columns.text], read_system(values, columns)
        turns = parse_rendered(text, words=True) if isinstance(text, str) else None
        if turns is None:
            if isinstance(text, str) and begins_in_words(text):
                raise Misfit(
                    f"'{name}' begins like a conversation whose speakers are words, which cannot be read back: give a prompt and a response"
                )
            return [answer_asked(read_history(before, name), text, name, find_chain(values, columns))]
        history, last = split_last([Turn(turn.role, turn.content) for turn in turns], name)
        asked = read_history([*before, *history], name)
        reading = answer_asked(asked, last.content, name, find_chain(values, columns))
        return [reading._replace(changed=True, notes=("rendered texts",))]


class Solution(Shape):
    """A prompt, and `solution` where nothing else can be the response."""

    name = "solution"
    needs = "a prompt and the column solution"

    def fits(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        return columns.solution is not None and bool(columns.prompts)

    def yields(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        numbered = [name for names in columns.numbered.values() for name in names]
        others = (*columns.turns, *columns.lists, *columns.loose_lists, *numbered)
        if any(is_filled(values[name]) and not is_number(values[name]) for name in others):
            return True
        known = (*LOOSE_LISTS, *columns.prompts, *columns.references, *columns.chains, str(columns.solution))
        return find_lost_response(values, known) is not None

    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """See Shape."""
        assert columns.solution
        asked, chain = read_asked(values, columns), find_chain(values, columns)
        return [answer_asked(asked, values[columns.solution], columns.solution, chain)]


class Nothing(Shape):
    """A column of responses or of a conversation that holds nothing: an empty response, for the checks to judge."""

    name = "no response"
    needs = "a list of responses or a conversation that is empty"

    def fits(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        cells = [open_list(values[name]) for name in (*columns.lists, *columns.turns)]
        known = (*columns.prompts, *columns.references, *columns.chains, *columns.lists, *columns.turns)
        return (
            bool(cells)
            and all(is_hollow(cell) for cell in cells)
            and find_lost_response(values, known) is None
        )

    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """See Shape."""
        return [answer_asked(read_asked(values, columns), "", "response", find_chain(values, columns))]


def has_calls(values: Values) -> bool:
    """Whether a row has tool calls beside its response."""
    return is_filled(values.get("tool_calls"))


def _mark(reading: SampleReading, marks: str) -> SampleReading:
    """A reading of a turn that is in the normal form by now: its marks are those that it came with."""
    return (
        reading._replace(marks=marks, changed=reading.changed or marks not in ("", "inline"))
        if marks
        else reading
    )
