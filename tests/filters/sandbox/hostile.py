"""Programs that try to get out, and programs that must work: each with what it must not, or must, print.

A program is given FACTS: `home` (a folder with the file `secret`), `port` (TCP, listening), `path` and `abstract` (unix sockets),
`victim` and `parent` (processes of the user's). It prints ESCAPED where it could do what no program may.
"""

from typing import Final

_HEAD: Final = """
import ctypes, errno, os, signal, socket, sys, json
F = json.loads({facts!r})
libc = ctypes.CDLL(None, use_errno=True)
def escaped(what=""):
    print("ESCAPED", what, flush=True)
def attempt(action, *about):
    try:
        found = action()
    except BaseException as error:
        return None
    escaped(f"{{about}} {{str(found)[:80]}}")
def syscall(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]) < 0:
        raise OSError(ctypes.get_errno(), "refused")
"""
HOSTILE: Final[dict[str, str]] = {
    "01 /etc/passwd": 'attempt(lambda: open("/etc/passwd").read())',
    "02 a secret": 'attempt(lambda: open(F["home"] + "/secret").read())',
    "03 list the home": 'attempt(lambda: os.listdir(F["home"]))',
    "05 a link to a secret": 'os.chdir("/tmp")\nattempt(lambda: (os.symlink(F["home"] + "/secret", "link"), open("link").read()))',
    "06 other roots": 'for p in ("/proc/1/root/etc/passwd", "/proc/self/root/etc/passwd", "../" * 30 + "etc/passwd", "/old/etc/passwd", "/proc/self/cwd/../etc/passwd"):\n    attempt(lambda: open(p).read(), p)',
    "07 write elsewhere": 'for p in ("/x", "/var/tmp/x", "/dev/shm/x", "/usr/lib/x", "/box/x", "/dev/x", F["home"] + "/x", os.path.dirname(os.__file__) + "/x.py"):\n    attempt(lambda: open(p, "w").write("x"), p)',
    "08 delete": 'attempt(lambda: os.unlink(F["home"] + "/secret"))\nattempt(lambda: os.unlink(os.__file__))\nattempt(lambda: os.rename(F["home"], "/tmp/h"))',
    "09 chmod": 'attempt(lambda: os.chmod(F["home"], 0o777))\nattempt(lambda: os.chmod("/usr/lib", 0o777))\nattempt(lambda: os.chown("/", 0, 0))',
    "10 the kernel's files": 'for p in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/dev/mem", "/dev/sda", "/dev/vda", "/sys/kernel/uevent_helper", "/dev/kmsg", "/proc/kcore"):\n    attempt(lambda: os.open(p, os.O_WRONLY), p)\n    attempt(lambda: os.open(p, os.O_RDONLY), p)\nattempt(lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(254, 0)) or open("/tmp/disk", "rb").read(1))',
    "11 the environment": 'attempt(lambda: os.environ["R1CURATE_SECRET"])',
    "12 environments": 'for p in [f"/proc/{n}/environ" for n in (1, "self", os.getppid(), F["victim"], F["parent"])]:\n    attempt(lambda: open(p, "rb").read(), p)',
    "13 command lines": 'attempt(lambda: os.listdir("/proc"))\nattempt(lambda: open("/proc/1/cmdline").read())',
    "14 open files": "import fcntl\nfor n in range(3, 256):\n    try:\n        fcntl.fcntl(n, fcntl.F_GETFD)\n    except OSError:\n        continue\n    escaped(n)",
    "15 kill": 'for p in (F["victim"], F["parent"], -1, 1, os.getppid(), 0):\n    attempt(lambda: os.kill(p, 0), p)\n    if p not in (0,):\n        attempt(lambda: os.kill(p, 9), p)\nattempt(lambda: signal.pidfd_send_signal(os.pidfd_open(F["victim"]), 9))',
    "16 limits of others": 'import resource\nattempt(lambda: resource.prlimit(F["victim"], resource.RLIMIT_CPU, (1, 1)))\nattempt(lambda: resource.prlimit(F["parent"], resource.RLIMIT_CPU))',
    "17 ptrace": 'for p in (F["victim"], F["parent"], 1, os.getppid()):\n    attempt(lambda: syscall(101, 16, p, 0, 0), p)\n    attempt(lambda: syscall(310, p, 0, 0, 0, 0, 0), p)',
    "18 set-uid": 'for p in ("/usr/bin/su", "/bin/mount", "/usr/bin/sudo"):\n    attempt(lambda: os.posix_spawn(p, [p], {}), p)',
    "19 a shell": 'import subprocess\nattempt(lambda: subprocess.run(["/bin/sh", "-c", "echo hi"], check=True))\nattempt(lambda: os.posix_spawn("/bin/sh", ["sh"], {}))\nattempt(lambda: os.execv("/bin/sh", ["sh", "-c", "echo ESCAPED"]))\nattempt(lambda: syscall(322, -100, b"/bin/sh", 0, 0, 0))',
    "20 a terminal's input": 'import fcntl, termios\nfor n in range(3):\n    attempt(lambda: fcntl.ioctl(n, termios.TIOCSTI, b"x"))\nattempt(lambda: os.open("/dev/tty", os.O_RDWR))',
    "21 TCP": 'attempt(lambda: socket.create_connection(("127.0.0.1", F["port"]), 1))',
    "22 listen": 'attempt(lambda: socket.create_server(("127.0.0.1", 0)))',
    "23 UDP": 'attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", F["port"])))',
    "24 raw": "attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))\nattempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))",
    "25 netlink": "attempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))",
    "26 abstract sockets": 'def go():\n    s = socket.socket(socket.AF_UNIX)\n    s.connect("\\0" + F["abstract"])\nattempt(go)\ndef pair():\n    a, b = socket.socketpair()\n    a.connect("\\0" + F["abstract"])\nattempt(pair)\ndef dgram():\n    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n    a.sendto(b"x", "\\0" + F["abstract"] + "d")\nattempt(dgram)',
    "27 sockets with a path": 'def dgram():\n    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n    a.sendto(b"x", F["path"])\nattempt(dgram)\ndef go():\n    s = socket.socket(socket.AF_UNIX)\n    s.connect(F["path"])\nattempt(go)',
    "28 namespaces": "for n in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x80, 0x02000000):\n    attempt(lambda: syscall(272, n), n)\nattempt(lambda: syscall(56, 0x10000000 | 17, 0, 0, 0, 0))\nattempt(lambda: syscall(435, ctypes.create_string_buffer(88), 88))",
    "29 mount": 'attempt(lambda: syscall(165, b"x", b"/tmp", b"tmpfs", 0, 0))\nattempt(lambda: syscall(428, -100, b"/", 1))\nattempt(lambda: syscall(430, b"tmpfs", 0))\nattempt(lambda: syscall(155, b"/", b"/"))\nattempt(lambda: os.chroot("/tmp"))',
    "30 remount": 'attempt(lambda: syscall(165, b"", b"/", b"", 32, 0))\nattempt(lambda: syscall(166, b"/tmp", 2))\nattempt(lambda: syscall(442, -100, b"/", 0, ctypes.create_string_buffer(32), 32))',
    "31 dangerous calls": "for n in (321, 425, 323, 248, 250, 308, 310, 311, 304, 303, 246, 320, 175, 176, 313, 169, 167, 168, 170, 171, 172, 173, 163, 153, 161, 298, 300, 301, 312, 424, 434, 438, 319, 447, 29, 30, 64, 68, 240, 139, 134, 317, 444):\n    attempt(lambda: syscall(n, 0, 0, 0, 0, 0, 0) or n, n)",
    "32 the x32 calls": "syscall(0x40000000 | 39)\nescaped()",
    "33 own limits": "import resource\nfor n in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):\n    attempt(lambda: resource.setrlimit(n, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)), n)",
    "34 priorities": "attempt(lambda: os.nice(-5))\nattempt(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))\nattempt(lambda: os.setpriority(os.PRIO_USER, 0, -20))",
    "35 forks": "for _ in range(300):\n    try:\n        if not os.fork():\n            import time\n            time.sleep(30)\n    except OSError:\n        continue\n    escaped()",
    "36 threads": "import threading, time\nstarted = 0\ntry:\n    for _ in range(5000):\n        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()\n        started += 1\nexcept (RuntimeError, MemoryError):\n    pass\nif started > 1000:\n    escaped(started)",
    "37 memory": "x = bytearray(4 << 30)\nescaped()",
    "38 memory of files": 'held = []\ntotal = 0\ntry:\n    while total < 2 << 30:\n        n = os.memfd_create("x")\n        total += os.write(n, bytes(8 << 20))\nexcept OSError:\n    pass\nif total > 256 << 20:\n    escaped(total)',
    "39 the disk": 'total = 0\ntry:\n    for n in range(200):\n        with open(f"/tmp/{n}", "wb") as file:\n            total += file.write(bytes(4 << 20))\nexcept OSError:\n    pass\nif total > 100 << 20:\n    escaped(total)',
    "40 inodes": 'n = 0\ntry:\n    for n in range(100000):\n        open(f"/tmp/{n}", "w").close()\nexcept OSError:\n    pass\nif n > 20000:\n    escaped(n)',
    "41 a loop": "while True:\n    pass",
    "42 a sleep": "import time\ntime.sleep(60)",
    "43 stopping itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "44 ignoring signals": "for n in range(1, 65):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError):\n        pass\nwhile True:\n    pass",
    "45 output": 'while True:\n    sys.stdout.write("x" * (1 << 20))',
    "46 errors": 'while True:\n    sys.stderr.write("x" * (1 << 20))',
    "47 a large number": "x = 7 ** (10 ** 9)\nescaped()",
    "48 deep recursion": "sys.setrecursionlimit(10 ** 9)\ndef f(n):\n    return f(n + 1)\nf(0)",
    "49 a bomb for the parser": 'exec("(" * 5000 + ")" * 5000)\nexec("-" * 10 ** 6 + "1")',
    "50 a segmentation fault": "ctypes.string_at(0)",
    "51 closed output": "os.close(1)\nos.close(2)\nprint('x')",
    "52 a daemon": "if not os.fork():\n    os.setsid()\n    if not os.fork():\n        import time\n        time.sleep(60)\nescaped()",
    "53 a lasting thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(3,), daemon=True).start()",
    "55 what another left": 'attempt(lambda: open("/tmp/left").read())\nimport builtins\nif hasattr(builtins, "LEFT"):\n    escaped("builtins")\nbuiltins.LEFT = 1\ntry:\n    open("/tmp/left", "w").write("x")\nexcept OSError:\n    pass',
    "55 the same once more": 'attempt(lambda: open("/tmp/left").read())\nimport builtins\nif hasattr(builtins, "LEFT"):\n    escaped("builtins")',
    "56 another's input": 'import gc\nfor one in gc.get_objects():\n    if isinstance(one, (bytes, str)) and "SECRET-INPUT" in str(one):\n        escaped()\nfor name in sys.modules:\n    if name.startswith("filters"):\n        escaped(name)\nframe = sys._getframe()\nwhile frame:\n    if "SECRET-INPUT" in str(frame.f_locals.get("source", "")) and frame.f_back is None:\n        escaped()\n    frame = frame.f_back',
    "61 signals by way of a socket": """import fcntl
a, b = socket.socketpair()
for p in (F["victim"], F["parent"], os.getppid(), 1):
    attempt(lambda: fcntl.fcntl(a, 8, p), p)
    attempt(lambda: fcntl.fcntl(a, 10, 9), p)
    attempt(lambda: fcntl.fcntl(a, 15, __import__("struct").pack("ii", 1, p)), p)
attempt(lambda: fcntl.fcntl(a, 4, fcntl.fcntl(a, 3) | 0x2000))""",
    "62 leases and locks": """import fcntl
n = os.open(os.__file__, os.O_RDONLY)
attempt(lambda: fcntl.fcntl(n, 1024, 1))
attempt(lambda: fcntl.flock(n, fcntl.LOCK_EX | fcntl.LOCK_NB))
attempt(lambda: fcntl.lockf(1, fcntl.LOCK_EX | fcntl.LOCK_NB))
attempt(lambda: fcntl.fcntl(n, 1026, 1))""",
    "63 open files of a thread's own": """attempt(lambda: syscall(436, 3, 0xffffffff, 2))
attempt(lambda: syscall(56, 0x3d0f00 & ~0x400, 0, 0, 0, 0))
a, b = socket.socketpair()
attempt(lambda: a.setsockopt(1, 7, 1 << 22))""",
    "64 other processes by their numbers": """import time
for p in [p for p in range(1, 3000) if p != os.getpid()]:
    attempt(lambda: os.getsid(p), p)
    attempt(lambda: time.clock_gettime((~p << 3) | 2), p)""",
    "65 its command line": 'if any("zygote" in one for one in sys.orig_argv):\n    escaped(sys.orig_argv)',
    "66 an end of its own": "os._exit = lambda code: None\nsys.exit = lambda *a: None\nprint('a')",
}
"""By the numbers of the survey they come from; from 61 on, what was found since; 4 and 54 are tests of their own."""
GOOD: Final[dict[str, tuple[str, str]]] = {
    "threads": ("import threading\nt = [threading.Thread(target=print, args=(n,)) for n in range(20)]\n[x.start() for x in t]\n[x.join() for x in t]", "\n".join(map(str, range(20)))),
    "threads that are not joined": ("import threading, time\ndef late():\n    time.sleep(0.1)\n    print('late')\nthreading.Thread(target=late).start()\nprint('first')", "first\nlate"),
    "asyncio": ("import asyncio\nasync def f(n):\n    await asyncio.sleep(0.01)\n    return n\nasync def main():\n    print(await asyncio.gather(*map(f, range(3))))\nasyncio.run(main())", "[0, 1, 2]"),
    "a pool of threads": ("from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as p:\n    print(sum(p.map(abs, range(10))))", "45"),
    "deep recursion": ("import sys\nsys.setrecursionlimit(20000)\ndef f(n):\n    return n and 1 + f(n - 1)\nprint(f(15000))", "15000"),
    "an exit after its output": ("import sys\nprint('done')\nsys.exit(0)", "done"),
    "an exit at once": ("import os, sys\nprint('done')\nsys.stdout.flush()\nos._exit(0)", "done"),
    "input by name": ("print(open('/dev/stdin').read().strip() if __import__('os').path.exists('/dev/stdin') else 'given')", "given"),
    "input by number": ("print(open(0).read().strip())", "given"),
    "input by lines": ("import sys\nprint([line.strip() for line in sys.stdin])", "['given']"),
    "import os": ("import os\nprint(os.getcwd() != '')", "True"),
    "a hash": ("print(hash('a') == hash('a'), {'b', 'a', 'c'} == {'a', 'b', 'c'})", "True True"),
    "unusual modules": ("import sqlite3, zlib, hashlib, csv, uuid, tempfile, unicodedata\nprint(sqlite3.connect(':memory:').execute('select 1+1').fetchone(), hashlib.sha256(b'a').hexdigest()[:4])", "(2,) ca97"),
    "an alarm": ("import signal\nsignal.signal(signal.SIGALRM, lambda *a: print('rang'))\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\nsignal.pause()", "rang"),
    "main": ("if __name__ == '__main__':\n    import sys\n    print(sys.argv, len(sys.path) > 0)", "['program.py'] True"),
    "a class that is pickled": ("import pickle\nclass A:\n    pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)", "True"),
    "another stream": ("f = open(1, 'w', closefd=False)\nf.write('hello')", "hello"),
    "a stream in its place": ("import sys, io\nprint('a')\nsys.stdout = io.StringIO()\nprint('b')", "a"),
    "a closed stream": ("import sys\nprint('a')\nsys.stdout.close()", "a"),
    "no stream": ("import sys\nprint('a', flush=True)\nsys.stdout = None", "a"),
    "a dataclass": ("from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\nprint(A(3))", "A(x=3)"),
}  # fmt: skip
"""Programs that must work, each with what it prints; their input is `given`."""


def write_program(body: str, facts: str) -> str:
    """A hostile program with what it is given."""
    return _HEAD.format(facts=facts) + body
