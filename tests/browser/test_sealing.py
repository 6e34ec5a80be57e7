"""A phone's own cryptography seals an item, and the server opens it."""

from __future__ import annotations

from uuid import uuid4

from surveyapp.submissions.keys import Keys
from surveyapp.submissions.sealed_envelopes import open_envelope, public_key
from tests.browser.conftest import OpenPage

SEAL = """
async ([key, id, text]) => {
  const bytes = (text) => new TextEncoder().encode(text);
  const joined = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));
  const point = async (key) => new Uint8Array(await crypto.subtle.exportKey("raw", key));
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const server = await crypto.subtle.importKey("jwk", key, curve, true, []);
  const mine = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const [ours, theirs] = [await point(mine.publicKey), await point(server)];
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, mine.privateKey, 256);
  const drawn = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: joined(ours, theirs), info: bytes("surveyapp sealed envelope 1") },
    await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]),
    { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv: nonce, additionalData: bytes(id) };
  const rest = new Uint8Array(await crypto.subtle.encrypt(how, drawn, bytes(text)));
  const plain = btoa(String.fromCharCode(...joined(ours, nonce, rest)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
"""


def test_what_webcrypto_seals_is_opened_by_the_server(open_page: OpenPage) -> None:
    keys, submission_id, text = Keys.new(), uuid4(), "Баланың аты Жұмбақгүл"
    page = open_page(java_script_enabled=True)
    page.goto("/")
    sealed = page.evaluate(SEAL, [public_key(keys), str(submission_id), text])
    assert open_envelope(keys, submission_id, sealed) == text.encode()
    assert open_envelope(keys, uuid4(), sealed) is None
