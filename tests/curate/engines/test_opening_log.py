"""What libraries print while an engine is opened goes into a file, of which one line is told."""

import os
from pathlib import Path

from curate.engines.opening_log import OpeningLog, find_cause
from curate.engines.vllm_loading import _shorten

CORE = """\
(EngineCore pid=7) ERROR 11-30 [core.py:1] EngineCore failed to start.
(EngineCore pid=7) ERROR 11-30 [core.py:1] Traceback (most recent call last):
(EngineCore pid=7) ERROR 11-30 [core.py:1]   File "x.py", line 1, in load
(EngineCore pid=7) ERROR 11-30 [core.py:1] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB.
Traceback (most recent call last):
RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}
"""


def test_the_cause_is_the_first_exception_and_no_consequence():
    assert find_cause(CORE) == "OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB."
    assert find_cause(CORE.splitlines()[-1]) is None
    assert find_cause("all is well\n") is None


def test_only_the_opening_is_led_away(capfd):
    log = OpeningLog()
    log.begin()
    os.write(2, CORE.encode())
    said = log.explain("vLLM could not load 'x': Engine core initialization failed.")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"
    file = Path(said.partition("what it printed is in '")[2].rstrip("'"))
    assert said.startswith(
        "OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB. (vLLM could not load 'x')"
    )
    assert file.read_text() == CORE
    log.drop()
    assert not file.exists()


def test_without_a_word_there_is_no_file():
    log = OpeningLog()
    log.begin()
    assert log.explain("its process was ended by SIGKILL") == "its process was ended by SIGKILL"


def test_the_first_sentence_is_enough():
    said = "1 validation error for ModelConfig\n  Value error, max_model_len (9) is greater than 2.0 in model's config.json. To allow, set X. [type=value_error]"
    assert _shorten(said) == "max_model_len (9) is greater than 2.0 in model's config.json."
    assert _shorten("no such thing") == "no such thing."
