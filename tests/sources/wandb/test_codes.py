"""The codes of our errors when the real client reads a run."""

import json
import shutil
import ssl
import subprocess

import pytest
from wandb_server.answers import page, status
from wandb_server.apps import run_python
from wandb_server.server import WandbServer

from envcfg.core.code import Code

READER = """
import json, sys
from envcfg.core.errors import EnvcfgError
from envcfg.sources.wandb import client

client._PATIENCE.update(x_graphql_retry_max=1, x_graphql_retry_wait_max_seconds=0.1)
try:
    asked = client.client()
    list(asked.runs(client.Address("project", "acme", "version")))
except EnvcfgError as error:
    print(json.dumps([error.code, str(error)]))
"""
FAULTS = {
    "a form": (status(400, "404"), Code.WANDB_REFUSED),
    "a login": (status(401), Code.WANDB_LOGIN),
    "a payment": (status(402, "exist"), Code.WANDB_REFUSED),
    "a user": (status(403), Code.WANDB_LOGIN),
    "too often": (status(429, "404"), Code.WANDB_RATE),
    "out of order": (status(500, "run http-404 does not exist"), Code.WANDB_SERVER),
    "a page": (page, Code.WANDB_NO_JSON),
}


@pytest.fixture
def server():
    with WandbServer() as server:
        yield server


def read(server, folder, **variables):
    code, sentence = json.loads(run_python(server, folder, READER, **variables))
    assert "\n" not in sentence
    return code


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_of_the_server_is_recognised_by_its_status_not_by_its_message(server, tmp_path, fault):
    answer, code = FAULTS[fault]
    server.faults.append(answer)
    assert read(server, tmp_path) == code


def test_a_refusal_after_the_login_has_its_code_too(server, tmp_path):
    server.faults.append(lambda handler, operation: "Runs" in operation and status(500, "404")(handler, operation))
    assert read(server, tmp_path) == Code.WANDB_SERVER


def test_a_missing_project_is_not_found(server, tmp_path):
    def missing(handler, operation):
        return "Runs" in operation and (handler.answer(200, {"data": {"project": None}}) or True)

    server.faults.append(missing)
    assert read(server, tmp_path) == Code.WANDB_NOT_FOUND


def test_a_missing_server_is_unreachable(server, tmp_path):
    server.disappear()
    assert read(server, tmp_path) == Code.WANDB_UNREACHABLE


def test_without_a_login_the_code_is_that_of_a_missing_login(server, tmp_path):
    assert read(server, tmp_path, WANDB_API_KEY="") == Code.WANDB_LOGIN


def test_an_untrusted_certificate_has_its_own_code(server, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server._http.socket = context.wrap_socket(server._http.socket, server_side=True)
    assert read(server, tmp_path, WANDB_BASE_URL=f"https://127.0.0.1:{server.port}") == Code.WANDB_CERTIFICATE
