"""The run-time type checker of the tests: beartype, with ints accepted where floats are (PEP 484)."""

from beartype import BeartypeConf, beartype

tower = beartype(conf=BeartypeConf(is_pep484_tower=True))
