"""Where bytes lie: on the disk and in a bucket, by one promise (requirement F5)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from goodstanding.core.errors import UnusableInput
from goodstanding.server.vault import stores
from goodstanding.server.vault.bucket import BucketStore
from goodstanding.server.vault.stores import LocalStore, Store, digest_of

DATA = b"an invoice"
SHA256 = digest_of(DATA)
BUCKET = "evidence-of-cases"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Amazon's side, played by moto within this process: no byte leaves it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    with mock_aws():
        client = boto3.client("s3", region_name="eu-central-1")
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        yield client


@pytest.fixture(params=["disk", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "disk":
        return LocalStore(tmp_path / "evidence")
    request.getfixturevalue("bucket")
    return BucketStore(f"s3://{BUCKET}/standing?region=eu-central-1")


def spoil(store: Store, bucket: Any = None) -> None:
    """Change the bytes behind the store's back."""
    if isinstance(store, LocalStore):
        store.path(SHA256).write_bytes(b"something else")
    else:
        boto3.client("s3", region_name="eu-central-1").put_object(Bucket=BUCKET, Key=f"standing/{SHA256[:2]}/{SHA256}", Body=b"something else")


def test_what_is_put_is_got_and_lies_there_once(store: Store) -> None:
    assert store.get(SHA256) is None
    assert list(store.walk()) == []
    for _ in range(2):
        store.put(SHA256, DATA)
    assert store.get(SHA256) == DATA
    assert [(one.sha256, one.size) for one in store.walk()] == [(SHA256, len(DATA))]
    store.remove(SHA256)
    store.remove(SHA256)
    assert store.get(SHA256) is None


def test_damaged_bytes_are_healed_by_who_sends_them_again_and_whole_ones_are_never_written_over(store: Store) -> None:
    store.put(SHA256, DATA)
    spoil(store)
    assert store.get(SHA256) == b"something else"
    store.put(SHA256, DATA)
    assert store.get(SHA256) == DATA
    store.put(SHA256, b"not these")
    assert store.get(SHA256) == DATA


def test_what_a_crash_left_half_written_is_told_apart(tmp_path: Path) -> None:
    disk = LocalStore(tmp_path)
    disk.put(SHA256, DATA)
    (tmp_path / SHA256[:2] / ".unfinished-x").write_bytes(b"half")
    assert {one.name: one.sha256 for one in disk.walk()} == {f"{SHA256[:2]}/.unfinished-x": "", f"{SHA256[:2]}/{SHA256}": SHA256}
    disk.remove(f"{SHA256[:2]}/.unfinished-x")
    assert [one.sha256 for one in disk.walk()] == [SHA256]


def test_a_bucket_gets_private_encrypted_objects_that_no_browser_shows(bucket: Any) -> None:
    BucketStore(f"s3://{BUCKET}/standing?region=eu-central-1&encryption=aws:kms&key=our-key").put(SHA256, DATA)
    BucketStore(f"s3://{BUCKET}?region=eu-central-1&encryption=AES256").put(SHA256, DATA)
    key = f"{SHA256[:2]}/{SHA256}"
    by_us, by_amazon = (bucket.head_object(Bucket=BUCKET, Key=name) for name in (f"standing/{key}", key))
    assert (by_us["ServerSideEncryption"], by_us["SSEKMSKeyId"].rpartition("/")[2]) == ("aws:kms", "our-key")
    assert by_amazon["ServerSideEncryption"] == "AES256"
    assert (by_us["ContentDisposition"], by_us["ContentType"]) == ("attachment", "application/octet-stream")
    granted = bucket.get_object_acl(Bucket=BUCKET, Key=key)["Grants"]
    assert [one["Grantee"]["Type"] for one in granted] == ["CanonicalUser"], "nobody but its owner"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://bucket/x", "write s3://BUCKET/PREFIX"),
        ("s3://ab/x", "write s3://BUCKET/PREFIX"),
        (f"s3://{BUCKET}?public=yes", "'public', which is no option"),
        (f"s3://{BUCKET}?encryption=rot13", "there are AES256 and aws:kms"),
    ],
)
def test_an_address_that_is_none_says_how_to_write_it(url: str, says: str) -> None:
    with pytest.raises(UnusableInput, match=says):
        BucketStore(url)


def test_the_setting_chooses_the_store(settings: Any, bucket: Any) -> None:
    assert isinstance(stores.store(), LocalStore)
    settings.EVIDENCE_STORE = f"s3://{BUCKET}/standing?region=eu-central-1"
    stores.store().put(SHA256, DATA)
    assert stores.whole(SHA256) == DATA
    assert bucket.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1
    spoil(stores.store())
    assert stores.whole(SHA256) is None
