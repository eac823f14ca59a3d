"""The run-time type checker of the tests: beartype, with ints accepted where floats are (PEP 484)."""

from beartype import BeartypeConf, FrozenDict, beartype

from synthgen.core.picture import Picture

# Looking for the attributes of a picture would decode it, so what is called a picture is believed to be one.
tower = beartype(conf=BeartypeConf(is_pep484_tower=True, hint_overrides=FrozenDict({Picture: object})))
