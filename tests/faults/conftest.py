"""What the tests of faults share."""

from faults.serving_wechat import make_bank  # noqa: F401 -- a fixture
