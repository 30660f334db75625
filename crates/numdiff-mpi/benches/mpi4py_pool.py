"""The overhead of a job in mpi4py.futures, for comparison: two ranks, of which one works.

Started by scaling.rs; prints rows of its table. Needs Debian's python3-mpi4py.
"""

import statistics
import sys
import time

try:
    from mpi4py.futures import MPICommExecutor
except ImportError:
    sys.exit("mpi4py is missing")


def f(job):
    """The job is a coordinate and its value; f takes a given time and says how long it took."""
    seconds, coordinate, value = job
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        pass
    return value, time.perf_counter() - start


def overhead(pool, seconds, jobs, chunk):
    start = time.perf_counter()
    found = list(pool.map(f, [(seconds, i, 0.1 * i) for i in range(jobs)], chunksize=chunk))
    wall = time.perf_counter() - start
    return (wall - sum(inside for _, inside in found)) / jobs


with MPICommExecutor() as pool:
    if pool is not None:
        for name, seconds, jobs, chunk in [
            ("f of 5 ms", 5e-3, 128, 1),
            ("f of 1 ms", 1e-3, 1024, 1),
            ("f of 0.1 ms", 1e-4, 1024, 1),
            ("f of 0.1 ms", 1e-4, 1024, 10),
            ("f of 0.01 ms", 1e-5, 8192, 100),
        ]:
            each = statistics.median(overhead(pool, seconds, jobs, chunk) for _ in range(3))
            print(f"| mpi4py.futures, {name}, {jobs} jobs in chunks of {chunk} | {1e6 * each:.1f} us | {-(-jobs // chunk)} |", flush=True)
