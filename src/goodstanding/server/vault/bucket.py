"""A store in an S3 bucket, Amazon's or of any server that speaks its protocol: private, encrypted where asked, and nothing is ever written over.

Needs the extra `s3`. Credentials come the way every AWS program finds them: environment, shared file, or the machine's role.
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

from goodstanding.core.errors import UnusableInput
from goodstanding.server.vault.stores import DIGEST, Stored, digest_of

OPTIONS = frozenset({"endpoint", "region", "encryption", "key"})
ENCRYPTIONS = frozenset({"AES256", "aws:kms"})
SHORTEST_BUCKET = 3
GONE = frozenset({"404", "NoSuchKey", "NotFound"})
TAKEN = frozenset({"412", "PreconditionFailed"})


class BucketStore:
    """Objects named by their digest below a prefix. Raises UnusableInput for an address that is none."""

    def __init__(self, url: str) -> None:
        parts, asked = urlsplit(url), dict(parse_qsl(urlsplit(url).query))
        _check(url, parts.scheme, parts.netloc, asked)
        self.prefix = f"{parts.path.strip('/')}/".lstrip("/")
        self.parameters = {"ServerSideEncryption": asked["encryption"]} if "encryption" in asked else {}
        if "key" in asked:
            self.parameters["SSEKMSKeyId"] = asked["key"]
        # No ACL is sent: buckets are private by default, and new ones refuse every ACL.
        self.storage = S3Storage(
            bucket_name=parts.netloc,
            endpoint_url=asked.get("endpoint"),
            region_name=asked.get("region"),
            default_acl=None,
            signature_version="s3v4",
            addressing_style="path" if "endpoint" in asked else "auto",
        )

    def put(self, sha256: str, data: bytes) -> None:
        """As `Store.put`. The bucket itself refuses a second object of that name, so that two servers cannot race."""
        options = {
            "Key": self._key(sha256),
            "Body": data,
            "ContentType": "application/octet-stream",
            "ContentDisposition": "attachment",
            **self.parameters,
        }
        try:
            self._put(IfNoneMatch="*", **options)
        except ClientError as error:
            if _code(error) not in TAKEN:
                raise
            if digest_of(self.get(sha256) or b"") != sha256:
                self._put(**options)

    def get(self, sha256: str) -> bytes | None:
        """As `Store.get`."""
        try:
            body: bytes = self.storage.bucket.Object(self._key(sha256)).get()["Body"].read()
        except ClientError as error:
            if _code(error) in GONE:
                return None
            raise
        return body

    def remove(self, name: str) -> None:
        """As `Store.remove`; `name` as `walk` gives it, or a digest."""
        self.storage.bucket.Object(self._key(name) if DIGEST.fullmatch(name) else self.prefix + name).delete()

    def walk(self) -> Iterator[Stored]:
        """As `Store.walk`."""
        for one in self.storage.bucket.objects.filter(Prefix=self.prefix):
            name = one.key.removeprefix(self.prefix)
            last = name.rpartition("/")[2]
            sha256 = last if DIGEST.fullmatch(last) and name == f"{last[:2]}/{last}" else ""
            yield Stored(name, sha256, one.size, one.last_modified)

    def _key(self, sha256: str) -> str:
        return f"{self.prefix}{sha256[:2]}/{sha256}"

    def _put(self, **options: object) -> None:
        self.storage.bucket.meta.client.put_object(Bucket=self.storage.bucket_name, **options)


def _check(url: str, scheme: str, bucket: str, asked: dict[str, str]) -> None:
    form = "write s3://BUCKET/PREFIX?region=REGION, and where wanted &endpoint=URL&encryption=AES256 or &encryption=aws:kms&key=ID"
    if scheme != "s3" or len(bucket) < SHORTEST_BUCKET:
        raise UnusableInput(f"the place for evidence is '{url}'; {form}")
    if unknown := sorted(set(asked) - OPTIONS):
        raise UnusableInput(f"the place for evidence has '{unknown[0]}', which is no option of it; {form}")
    if asked.get("encryption", "AES256") not in ENCRYPTIONS:
        raise UnusableInput(f"the place for evidence asks for the encryption '{asked['encryption']}'; there are {' and '.join(sorted(ENCRYPTIONS))}")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
