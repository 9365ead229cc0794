"""Lines of a log: written in order, off the caller's time, and never a reason to stop."""

import io
import threading

from app.core.lines import MOST, Lines


def test_lines_are_written_in_their_order_and_whole():
    stream = io.BytesIO()
    lines = Lines(stream)

    for number in range(100):
        lines.write(b"%d" % number)
    lines.flush()

    assert stream.getvalue().split() == [b"%d" % number for number in range(100)]


def test_lines_are_written_without_being_asked():
    written = threading.Event()

    class Stream(io.BytesIO):
        def flush(self) -> None:
            written.set()

    Lines(Stream()).write(b"a")

    assert written.wait(5)


def test_of_too_many_the_oldest_are_lost_and_that_is_told():
    stream = io.BytesIO()
    lines = Lines(stream)
    lines._thread = threading.current_thread()  # nobody takes them meanwhile

    for number in range(MOST + 3):
        lines.write(b"%d" % number)
    lines.flush()

    first, *_, last, told = stream.getvalue().splitlines()
    assert (first, last) == (b"3", b"%d" % (MOST + 2))
    assert told == b"3 lines of the log were lost here"


def test_a_reader_that_went_away_is_no_reason_to_fail():
    class Broken(io.BytesIO):
        def write(self, _) -> int:
            raise BrokenPipeError

    lines = Lines(Broken())
    lines.write(b"a")
    lines.flush()


def test_lines_from_many_threads_are_all_there():
    stream = io.BytesIO()
    lines = Lines(stream)
    threads = [
        threading.Thread(target=lambda n=n: [lines.write(b"%d" % n) for _ in range(500)])
        for n in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines.flush()

    assert sorted(stream.getvalue().split()) == sorted([b"%d" % n for n in range(4)] * 500)
