"""A refusal names the options that differ, and not too many of them."""

from synthgen.shards.differences import changed_parts


def test_each_option_is_named_with_what_it_was():
    old = {"seed": "1", "recipe": '{"flip": 0.2, "camera": {"preset": "webcam"}}'}
    new = {"seed": "1", "recipe": '{"camera": {"preset": "clean"}}'}
    assert changed_parts(old, new) == [
        'recipe.camera.preset was "webcam", is "clean" now',
        "recipe.flip was 0.2, is not set now",
    ]


def test_parts_that_are_no_options_are_compared_as_text():
    assert changed_parts({"assets": "a" * 64}, {"assets": "b" * 64}) == [f"assets was {'a' * 12}…, is {'b' * 12}… now"]


def test_many_differences_are_counted():
    recipe = "{" + ", ".join(f'"option{number}": 1' for number in range(8)) + "}"
    found = changed_parts({"recipe": "{}"}, {"recipe": recipe})
    assert found[0] == "recipe.option0 was not set, is 1 now"
    assert found[5:] == ["and 3 more"]
