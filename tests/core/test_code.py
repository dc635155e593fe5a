import copy
import errno
import json
import pickle

import pytest

from envcfg.core.code import Code, Coded, code_of, mark
from envcfg.core.errors import EnvcfgError, JournalError, SourceError
from envcfg.core.service_code import of_status, service_code

OF_THE_SYSTEM = {
    errno.ENOSPC: Code.DISK_FULL,
    errno.EDQUOT: Code.QUOTA,
    errno.EFBIG: Code.FILE_TOO_LARGE,
    errno.EMFILE: Code.TOO_MANY_FILES,
    errno.EACCES: Code.NO_PERMISSION,
    errno.EPERM: Code.NO_PERMISSION,
    errno.EROFS: Code.READ_ONLY,
    errno.ENOTDIR: Code.NO_FOLDER,
    errno.EEXIST: Code.NO_FOLDER,
    errno.ENOENT: Code.NO_FILE,
    errno.EIO: Code.IO,
}


@pytest.mark.parametrize(("number", "code"), OF_THE_SYSTEM.items())
def test_the_code_of_an_operating_system_error_depends_on_its_number_not_on_its_message(number, code):
    assert code_of(OSError(number, "the disk is full: wandb version quota")) is code


def test_a_foreign_error_has_no_code_until_it_is_marked():
    error = KeyError("the disk is full")
    assert code_of(error) is Code.UNKNOWN
    mark(error, Code.USER_FUNCTION)
    assert (code_of(error), error.args) == (Code.USER_FUNCTION, ("the disk is full",))


def test_our_own_error_has_its_given_code_or_the_code_of_its_class():
    assert code_of(JournalError("no", code=Code.QUOTA)) is Code.QUOTA
    assert (code_of(EnvcfgError("no")), code_of(SourceError("no"))) == (Code.UNKNOWN, Code.NO_RUN)
    assert pickle.loads(pickle.dumps(SourceError("no", code=Code.TORN))).code is Code.TORN


def test_an_unrecognised_code_is_unknown():
    assert Code("made_of_glass") is Code.UNKNOWN


def test_a_coded_message_is_text_and_keeps_its_code_when_copied():
    sentence = Coded("a line was cut off", Code.TORN)
    for same in (sentence, copy.deepcopy(sentence), pickle.loads(pickle.dumps(sentence))):
        assert (same, same.code) == ("a line was cut off", Code.TORN)
    assert json.dumps([sentence]) == '["a line was cut off"]'


STATUSES = {
    302: Code.WANDB_NO_JSON,
    400: Code.WANDB_REFUSED,
    401: Code.WANDB_LOGIN,
    402: Code.WANDB_REFUSED,
    403: Code.WANDB_LOGIN,
    404: Code.WANDB_NOT_FOUND,
    413: Code.WANDB_REFUSED,
    429: Code.WANDB_RATE,
    500: Code.WANDB_SERVER,
    503: Code.WANDB_SERVER,
}


@pytest.mark.parametrize(("status", "code"), STATUSES.items())
def test_each_http_status_has_a_code(status, code):
    assert of_status(status) is code


ASKED = "POST http://127.0.0.1:9/graphql giving up after 2 attempt(s)"
SAID = {
    "ArtifactSaver.createArtifact: returned error 402: {}": Code.WANDB_REFUSED,
    f"ArtifactSaver.createArtifact: {ASKED}\nwhile retrying: HTTP 429: slow down": Code.WANDB_RATE,
    f"{ASKED}\nwhile retrying: HTTP 500: nope": Code.WANDB_SERVER,
    f'{ASKED}: Post "http://127.0.0.1:9/graphql": dial tcp 127.0.0.1:9: connect: refused': Code.WANDB_UNREACHABLE,
    f'{ASKED}: Post "https://a/graphql": tls: failed to verify certificate: x509: unknown': Code.WANDB_CERTIFICATE,
    "ArtifactSaver.createArtifact: invalid character '<' looking for beginning of value": Code.WANDB_NO_JSON,
    "ArtifactSaver.createArtifact: input: run a/p/x not found\n": Code.WANDB_REFUSED,
    "ArtifactSaver.uploadFiles: most remaining uploads (1/1) have failed, giving up": Code.WANDB,
}


@pytest.mark.parametrize(("said", "code"), SAID.items())
def test_a_text_error_of_wandb_core_is_recognised_by_its_fixed_form(said, code):
    assert service_code(ValueError(said)) is code


@pytest.mark.parametrize("named", ["HTTP 429: x", "returned error 404: x", "x509: y", "dial tcp: z", "404 not found"])
def test_server_messages_and_run_names_do_not_affect_the_code(named):
    assert service_code(ValueError(f"ArtifactSaver.createArtifact: returned error 500: {named}")) is Code.WANDB_SERVER
    assert service_code(ValueError(f"run {named} is gone")) is Code.WANDB


def test_a_network_error_is_recognised_by_its_class_even_as_a_cause():
    error = RuntimeError("no")
    error.__cause__ = ConnectionRefusedError(errno.ECONNREFUSED, "no")
    assert service_code(error) is Code.WANDB_UNREACHABLE
    assert service_code(OSError(errno.ENOSPC, "no")) is Code.DISK_FULL
