"""Makes wallet-nacl.json with libsodium itself, called through ctypes: the library that Bittensor's wallets use.

The phrase is Substrate's well-known development phrase; nothing of value has ever belonged to it.
"""

import base64
import ctypes
import ctypes.util
import json
import pathlib

PHRASE = "bottom drive obey lake curtain smoke basket hold race lonely fit walk"
HOTKEY = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"
PUBLIC_KEY = "0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a"
PASSWORD = "tilt-yård"
SALT = bytes.fromhex("137183dff15a09bc9c90b5518739e9b1")
OPS, MEMORY_BYTES, ALGORITHM_ARGON2I13 = 8, 512 * 1024 * 1024, 1

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
assert sodium.sodium_init() >= 0

plain = json.dumps(
    {"accountId": PUBLIC_KEY, "publicKey": PUBLIC_KEY, "secretPhrase": PHRASE, "ss58Address": HOTKEY}
).encode()
password = PASSWORD.encode()
key = ctypes.create_string_buffer(32)
length = ctypes.c_ulonglong
assert 0 == sodium.crypto_pwhash_argon2i(
    key, length(32), password, length(len(password)), SALT, length(OPS), ctypes.c_size_t(MEMORY_BYTES), ALGORITHM_ARGON2I13
)
nonce = bytes(range(24))
sealed = ctypes.create_string_buffer(len(plain) + 16)
assert 0 == sodium.crypto_secretbox_easy(sealed, plain, length(len(plain)), nonce, key)

vector = {
    "hotkey": HOTKEY,
    "password": PASSWORD,
    "keyFileBase64": base64.b64encode(b"$NACL" + nonce + sealed.raw).decode(),
}
target = pathlib.Path(__file__).with_name("wallet-nacl.json")
target.write_text(json.dumps(vector, indent=2, ensure_ascii=False) + "\n")
