"""Writes twister.json: draws of CPython's random.Random, for packages/rules/src/twister.ts to reproduce.

Run with CPython 3.11: python3 make-vectors.py
"""

import json
import pathlib
import random
import sys

assert sys.implementation.name == "cpython" and sys.version_info[:2] == (3, 11), sys.version

SEEDS = [0, 1, -1, 42, 3035696319, 3274970996, 2**32 - 1, 2**32, 2**53 - 1, -(2**64) - 12345, 2**1000 + 7, 2**14000 + 99]
BITS = [1, 5, 8, 16, 31, 32, 33, 40, 48, 52, 53]
BOUNDS = [1, 2, 3, 7, 96, 128, 1000, 65536, 65537, 2**31, 2**32, 2**32 + 1, 2**40 + 3, 2**53 - 1]
# (n, k): around every edge of setsize, both branches, and the competition's own sizes.
SIZES = [
    (0, 0), (1, 0), (1, 1), (5, 5), (21, 5), (22, 5), (21, 3), (22, 3),
    (22, 6), (84, 6), (85, 6), (86, 6), (85, 21), (86, 21), (85, 22), (277, 22), (278, 22),
    (128, 32), (128, 7), (277, 32), (278, 32), (5000, 96), (1045, 96), (1046, 96), (533, 128), (12000, 128), (300, 300),
]


def draws(seed):
    bits_rng = random.Random(seed)
    below_rng = random.Random(seed)
    sample_rng = random.Random(seed)
    mixed_rng = random.Random(seed)
    return {
        "seed": str(seed),
        "getrandbits": [[k, bits_rng.getrandbits(k)] for k in BITS * 3],
        # 700 words and more: past the first regeneration of the state.
        "words": [random_words(seed, n) for n in (1, 624, 625, 2000)],
        "randbelow": [[n, below_rng._randbelow(n)] for n in BOUNDS * 2],
        "sample": [[n, k, random.Random(seed).sample(range(n), k)] for n, k in SIZES],
        # One generator for all: the state left behind by each draw matters.
        "consecutive": [[n, k, sample_rng.sample(range(n), k)] for n, k in SIZES[:20]],
        "mixed": [mixed_rng.sample(range(128), 32), mixed_rng._randbelow(997), mixed_rng.getrandbits(53),
                  mixed_rng.sample(range(5000), 96), mixed_rng._randbelow(5000)],
    }


def random_words(seed, n):
    rng = random.Random(seed)
    for _ in range(n - 1):
        rng.getrandbits(32)
    return [n, rng.getrandbits(32)]


out = pathlib.Path(__file__).with_name("twister.json")
out.write_text(json.dumps({"python": "3.11", "vectors": [draws(s) for s in SEEDS]}, separators=(",", ":")) + "\n")
print(f"{out}: {out.stat().st_size} bytes")
