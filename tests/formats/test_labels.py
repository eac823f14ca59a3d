"""A table of labels: which photographs it names, and what it may not say."""

import numpy as np
import pytest

from synthgen.core.errors import DatasetError
from synthgen.core.pictures import write_picture
from synthgen.formats.labels import read_label_folders, read_labels


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    (folder / "deep").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.png", "deep/a.png")):
        write_picture(folder / name, np.full((4 + number, 6, 3), 9 * number, np.uint8))
    return folder


def table(images, *lines, header="file,label"):
    path = images.parent / "labels.csv"
    path.write_text("\n".join([header, *lines, ""]))
    return path


def test_photographs_come_in_the_order_of_the_table_with_their_labels(images):
    samples = read_labels(images, table(images, "deep/a.png,1", "a.png,0"))
    assert [(picture.name, picture.size, picture.truth.label) for picture in samples] == [
        ("deep-a", (6, 6), 1),
        ("a", (4, 6), 0),
    ]
    assert [samples.label(index) for index in range(len(samples))] == [1, 0]
    assert samples[1].truth.mask is None and samples[1].truth.boxes is None


def test_other_columns_a_byte_order_mark_and_spaces_do_no_harm(images):
    path = table(images, "1, b.png ,x", header="\ufefflabel,file,camera")
    assert [picture.name for picture in read_labels(images, path)] == ["b"]


@pytest.mark.parametrize(
    ("lines", "header", "complaint"),
    [
        (("a.png,2",), "file,label", "line 2: label '2'; write 1 with a target, 0 without"),
        (("a.png,",), "file,label", "line 2: label ''"),
        (("a.png,1", "c.png,1"), "file,label", "line 3: .* holds no file 'c.png'"),
        (("../labels.csv,1",), "file,label", "holds no file '../labels.csv'"),
        (("a.png,1", "a.png,0"), "file,label", "a.png and a.png are both called 'a'"),
        ((), "file,label", "expected a line for each photograph below the header file,label"),
        (("a.png,1",), "name,label", "expected a line for each photograph below the header file,label"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_with_its_line(images, lines, header, complaint):
    with pytest.raises(DatasetError, match=complaint):
        read_labels(images, table(images, *lines, header=header))


def test_what_is_no_text_is_refused(images):
    path = images.parent / "labels.csv"
    path.write_bytes(b"file,label\n\xff\xfe,1\n")
    with pytest.raises(DatasetError, match="no table of UTF-8 text"):
        read_labels(images, path)


def test_the_source_is_what_the_table_says_and_else_the_folder(images):
    path = table(images, "a.png,1,street", "deep/a.png,0, ", "b.png,0,street", header="file,label,source")
    assert read_labels(images, path).sources == ("street", "deep", "street")
    assert read_labels(images, table(images, "a.png,1", "deep/a.png,0")).sources == ("images", "deep")


def in_folders(folder, *files):
    for number, file in enumerate(files):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        write_picture(folder / file, np.full((4, 6, 3), 9 * number, np.uint8))
    return read_label_folders(folder)


def test_folders_tell_label_and_source(tmp_path):
    found = in_folders(tmp_path, "negative/street/a.png", "positive/street/b.png", "positive/c.png", "positive/.d.png")
    assert [(picture.name, picture.truth.label) for picture in found] == [
        ("positive-c", 1),
        ("positive-street-b", 1),
        ("negative-street-a", 0),
    ]
    assert found.sources == ("positive", "street", "street")


def test_folders_without_a_picture_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="no images found; put PNG or JPEG files into its folders positive and nega"):
        in_folders(tmp_path, "others/a.png")


def test_two_photographs_of_one_name_are_refused_whatever_their_folders(tmp_path):
    with pytest.raises(DatasetError, match="are both called 'positive-a-b'"):
        in_folders(tmp_path, "positive/a/b.png", "positive/a-b.png")
