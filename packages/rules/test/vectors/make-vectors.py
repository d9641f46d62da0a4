"""Writes the vectors that packages/rules must reproduce.

twister.json: draws of CPython's random.Random. decisions.json: seeds, prompt draws, medians and rounded numbers,
computed from the specification's formulas with Python's own library.

Run with CPython 3.11: python3 make-vectors.py
"""

import hashlib
import json
import pathlib
import random
import statistics
import struct
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


def write(name, value):
    out = pathlib.Path(__file__).with_name(name)
    out.write_text(json.dumps(value, separators=(",", ":")) + "\n")
    print(f"{out.name}: {out.stat().st_size} bytes")


def seed_vector(block_hash, round_number):
    digest = hashlib.sha256(b"tiltyard-seed" + bytes.fromhex(block_hash) + struct.pack(">I", round_number)).digest()
    return {"hash": "0x" + block_hash, "round": round_number, "seed": struct.unpack(">I", digest[:4])[0]}


def take(rng, population, count):
    return list(population) if len(population) <= count else rng.sample(population, count)


def prompts_vector(seed, round_number, previous_size, pool_size, overlap, per_round, carryover):
    """Prompts are numbers; the pool's first `overlap` ones are the previous round's last."""
    previous = list(range(previous_size))
    pool = list(range(previous_size - overlap, previous_size - overlap + pool_size))
    rng = random.Random(seed)
    drawn = take(rng, previous, carryover) if round_number > 0 and carryover > 0 else []
    drawn = drawn + take(rng, pool, per_round - len(drawn))
    prompts = list(dict.fromkeys(drawn))
    while len(prompts) < per_round and not set(pool) <= set(prompts):
        prompt = pool[rng._randbelow(len(pool))]
        if prompt not in prompts:
            prompts.append(prompt)
    return {"seed": seed, "round": round_number, "previous": previous, "pool": pool, "perRound": per_round,
            "carryover": carryover, "prompts": prompts}


def number_vectors():
    rng = random.Random(404)
    numbers = [0.125, 0.375, 0.625, 0.875, 2.5, 90.0, 12.345, 1.005, 67.98748711496592, 0.0, 0.004999, 0.005, 179.995]
    return numbers + [rng.uniform(0, 400) for _ in range(50)] + [rng.randrange(4000) / 8 for _ in range(50)]


write("twister.json", {"python": "3.11", "vectors": [draws(s) for s in SEEDS]})
write("decisions.json", {
    "python": "3.11",
    "seeds": [seed_vector(h, r) for h in ("00" * 32, "ff" * 32, hashlib.sha256(b"a block").hexdigest())
              for r in (0, 1, 7, 2**32 - 1)],
    "prompts": [
        prompts_vector(1, 0, 0, 500, 0, 128, 32),
        prompts_vector(3274970996, 1, 128, 5000, 128, 128, 32),
        prompts_vector(7, 3, 128, 140, 128, 128, 32),
        prompts_vector(8, 3, 128, 128, 128, 128, 32),
        prompts_vector(9, 3, 20, 60, 10, 40, 32),
        prompts_vector(10, 3, 20, 15, 15, 40, 32),
        prompts_vector(11, 1, 128, 300, 40, 64, 0),
        prompts_vector(12, 1, 32, 96, 0, 128, 32),
    ],
    "fixed2": [[x, f"{x:.2f}"] for x in number_vectors()],
    "medians": [[xs, statistics.median(xs)] for xs in ([3], [1, 2], [5, 1, 4], [9.5, 0.25, 7, 7])],
})
