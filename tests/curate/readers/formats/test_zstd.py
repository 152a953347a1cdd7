"""zstd files are read with windows as wide as published sets have, and a cut one is refused."""

from pathlib import Path

import pyarrow as pa
import pytest

from curate.readers.formats.zstd import ARROW_WINDOW
from curate.readers.read_rows import read_rows
from filters.errors import UserError

LINES = b"".join(b'{"n": %d, "text": "%d"}\n' % (n, n * 7919) for n in range(3000))


def pack_arrow(content: bytes) -> bytes:
    return pa.compress(content, "zstd", asbytes=True)


def pack_wide(content: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    options = zstandard.ZstdCompressionParameters(window_log=28)
    packer = zstandard.ZstdCompressor(compression_params=options).compressobj()
    packed = packer.compress(content) + packer.flush()
    assert 1 << (10 + (packed[5] >> 3)) > ARROW_WINDOW
    return packed


@pytest.mark.parametrize("pack", [pack_arrow, pack_wide])
def test_one_frame_and_several_are_read(tmp_path: Path, pack):
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(pack(LINES))
    assert [row.values["n"] for row in read_rows(str(path))] == list(range(3000))
    path.write_bytes(pack(LINES) + pack(b'{"n": 3000}\n'))
    assert [row.values["n"] for row in read_rows(str(path))] == list(range(3001))


@pytest.mark.parametrize("pack", [pack_arrow, pack_wide])
def test_a_cut_one_is_refused(tmp_path: Path, pack):
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(pack(LINES)[:-500])
    with pytest.raises(UserError, match=r"a.jsonl.zst: the file is cut off"):
        list(read_rows(str(path)))
