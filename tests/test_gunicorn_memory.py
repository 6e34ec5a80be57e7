"""What is free goes back: the C library is told so before the processes part."""

from __future__ import annotations

import ctypes
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

#: eight threads hold bytes of the C library's at once; then it tells how many heaps it has for them
HEAPS = """
import ctypes, sys, threading
if sys.argv[1] == "told":
    from surveyapp.gunicorn_hooks import give_memory_back
    give_memory_back()
together = threading.Barrier(8)
def hold():
    held = [bytearray(50_000) for _piece in range(20)]
    together.wait()
    return held
threads = [threading.Thread(target=hold) for _thread in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
library.fopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
library.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
library.fclose.argtypes = [ctypes.c_void_p]
file = library.fopen(sys.argv[2].encode(), b"w")
library.malloc_info(0, file)
library.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_many_threads_share_two_heaps(tmp_path: Path) -> None:
    assert hasattr(ctypes.CDLL(None), "mallopt")
    heaps = {}
    for whether in ("told", "untold"):
        told = tmp_path / whether
        subprocess.run([sys.executable, "-c", HEAPS, whether, str(told)], check=True)
        heaps[whether] = len(re.findall("<heap ", told.read_text()))
    assert heaps["told"] <= 2 < heaps["untold"], heaps
