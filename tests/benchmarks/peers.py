"""What the checks on a chain's text are measured against: fastText on whole texts, and datatrove's own filters.

datatrove is no dependency of this project. To measure against it, give it an environment of its own that also
sees this project's packages, and run the benchmarks with that environment's Python from the project's folder:

    python3.11 -m venv PEERS
    PEERS/bin/pip install datatrove==0.10.1 spacy==3.8.18 fasttext-numpy2-wheel==0.9.2 fasteners
    echo "$PWD" > PEERS/lib/python3.11/site-packages/project.pth
    .venv/bin/python -c "import site; print(*site.getsitepackages(), sep='\n')" >> PEERS/lib/python3.11/site-packages/project.pth
    PEERS/bin/python -m tests.benchmarks.bench_filters

datatrove's own packages come first there, among them fasttext-numpy2-wheel, which its language filter needs and
which has the same module `fasttext` as the package this project uses. spaCy splits English into words for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import fasttext

from filters.languages.identifiers import find_bundled_model
from filters.types import Sample

Judge = Callable[[Sequence[Sample]], list[bool]]
"""Samples -> whether each is rejected."""
THRESHOLD = 0.65
"""datatrove's default: the least probability of the language that is wanted."""


def have_datatrove() -> bool:
    """Whether datatrove can be imported: see the head of this file for how."""
    return find_spec("datatrove") is not None


def fasttext_whole() -> Judge:
    """The usual rule: one call on the whole text, rejected unless it names the prompt's language."""
    model = fasttext.load_model(find_bundled_model())

    def judge(samples: Sequence[Sample]) -> list[bool]:
        found = []
        for sample in samples:
            line = sample.response.replace("\n", " ")
            probability, label = model.f.predict(line + "\n", 1, 0.0, "strict")[0]
            found.append(label != f"__label__{sample.prompt.language}" or probability < THRESHOLD)
        return found

    return judge


def datatrove_language() -> Judge:
    """datatrove's LanguageFilter for each sample's language, with the bundled lid.176.ftz in place of its download."""
    from datatrove.data import Document
    from datatrove.pipeline.filters import LanguageFilter
    from fasttext.FastText import _FastText

    model, filters = _FastText(find_bundled_model()), {}

    def judge(samples: Sequence[Sample]) -> list[bool]:
        found = []
        for sample in samples:
            language = str(sample.prompt.language)
            if language not in filters:
                filters[language] = LanguageFilter([language])
                filters[language].model._model = model
            found.append(not filters[language].filter(Document(sample.response, sample.id)))
        return found

    return judge


def datatrove_repetition() -> Judge:
    """datatrove's GopherRepetitionFilter for English, as it is by default."""
    from datatrove.data import Document
    from datatrove.pipeline.filters import GopherRepetitionFilter

    gopher: Any = GopherRepetitionFilter()
    return lambda samples: [
        gopher.filter(Document(sample.response, sample.id)) is not True for sample in samples
    ]
