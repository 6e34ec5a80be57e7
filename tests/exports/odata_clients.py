"""Reads the OData service with clients of npm's, and its description by the schema of OASIS; by hand.

    npm install --prefix FOLDER @odata/client odata-csdl
    python -m tests.exports.odata_clients FOLDER

`odata-csdl` has the XML schemas of CSDL and a strict parser of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from lxml import etree

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people import tokens
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from tests.accounts import make_user
from tests.exports import odd
from tests.exports.opening import BASELINE, CODED, made
from tests.live import live_server

_SCRIPT = """
const { OData } = require("@odata/client");
const { xml2json } = require("odata-csdl");
const { ROOT, TOKEN } = process.env;
(async () => {
  const authorization = "Basic " + Buffer.from("x:" + TOKEN).toString("base64");
  const described = await (await fetch(ROOT + "$metadata", { headers: { authorization } })).text();
  const messages = [];
  xml2json(described, { strict: true, messages });
  console.log("odata-csdl:", messages.length, "complaints");
  const credential = { username: "x", password: TOKEN };
  const client = OData.New4({ metadataUri: ROOT + "$metadata", serviceEndpoint: ROOT, credential });
  const submissions = client.getEntitySet("submissions");
  const chosen = client.newParam().top(3).select(["id", "status"])
    .filter(client.newFilter().property("status").eq("stored"));
  const rows = await submissions.query(chosen);
  const one = await submissions.retrieve(rows[0].id);
  console.log("@odata/client:", await submissions.count(), "counted,", rows.length, "chosen,",
    one.id === rows[0].id ? "one by its key" : one);
})().catch((error) => { console.error(error.message); process.exit(1); });
"""


def main() -> None:
    """Serve, describe, read, and say what the clients say."""
    if len(sys.argv) != 2:
        print("skipped: say where the packages of npm are")
        return
    packages = Path(sys.argv[1]) / "node_modules"
    schema = etree.XMLSchema(etree.parse(packages / "odata-csdl" / "schemas" / "edmx.xsd"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made(folder, submissions=1200)
        token = _token(folder / "instance")
        with live_server(folder / "instance", prepared=True) as address:
            for questionnaire in (odd.ID, BASELINE, CODED):
                root = f"{address}/api/v1/odata/{questionnaire}/"
                headers = {"Authorization": f"Bearer {token}"}
                asked = urllib.request.Request(f"{root}$metadata", headers=headers)
                with urllib.request.urlopen(asked, timeout=30) as answer:
                    is_valid = schema.validate(etree.fromstring(answer.read()))
                print(f"{questionnaire}:", "valid" if is_valid else schema.error_log)
                environment = {"ROOT": root, "TOKEN": token, "NODE_PATH": str(packages)}
                subprocess.run(["node", "-e", _SCRIPT], env=os.environ | environment, check=True)


def _token(instance: Path) -> str:
    settings = {"INSTANCE_PATH": str(instance), "DEMONSTRATION": "yes"}
    with create_app(Settings.from_environment(settings)).app_context():
        make_user("reader", RoleName.ANALYST)
        token = tokens.create_token("reader", [Scope.EXPORT], label="test")
        db.session.remove()
        db.engine.dispose()
    return token


if __name__ == "__main__":
    main()
