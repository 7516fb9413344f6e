"""URIs as Windows clients write them: one document, however its drive is written."""

from __future__ import annotations

import pytest
from lsprotocol import types

from fastapply.text.offsets import Encoding
from fastapply_lsp.documents import Documents

URIS = ("file:///c%3A/shop/app.py", "file:///C%3A/shop/app.py", "file:///c:/shop/app.py", "file:///C:/shop/app.py")


@pytest.mark.parametrize("opened", URIS)
def test_one_document_however_its_drive_is_written(opened: str) -> None:
    documents = Documents()
    document = documents.open(types.TextDocumentItem(opened, "python", 1, "x = 1\r\n"), Encoding.UTF16)
    assert document.uri == opened  # what is sent back is the client's own spelling
    assert document.language == "python"
    for uri in URIS:
        assert documents.find(uri) is document
    assert documents.find("file:///d%3A/shop/app.py") is None
    assert documents.close(URIS[-1]) is document
    assert documents.find(opened) is None
