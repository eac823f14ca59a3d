"""Every format of marked photographs says the same of one photograph, and refuses what it cannot read, line by line."""

import base64
import json

import cv2
import numpy as np
import pytest
from PIL import Image

from annotated import L_CORNERS, SIZE, disc, photograph
from synthgen.core.errors import ConfigError, DatasetError
from synthgen.formats.cutouts.brush import decode_brush
from synthgen.formats.cutouts.registry import CUTOUT_FORMATS
from synthgen.formats.detect import detected
from synthgen.formats.licence import licence_name
from synthgen.formats.offer import Photograph, ReadOptions, Ready, Refused
from synthgen.formats.scenes.registry import SCENE_FORMATS
from tiny_assets import scenery, write_png

IMAGE, RING, BENT = photograph()
MASKS = {"ring": RING, "bent": BENT}
HEIGHT, WIDTH = SIZE
RLE = {"size": [HEIGHT, WIDTH], "counts": []}
SHARES = [value for x, y in L_CORNERS for value in (x / WIDTH, y / HEIGHT)]


def counts(mask):
    """Run lengths down the columns, zeros first."""
    flat = mask.T.ravel().astype(np.int8)
    changes = np.flatnonzero(np.diff(flat)) + 1
    return ([0] if flat[0] else []) + np.diff([0, *changes, flat.size]).tolist()


def packed(mask):
    """Brush strokes of Label Studio, each pixel's four bytes one run."""
    bits = f"{4 * mask.size:032b}{7:05b}" + 4 * f"{15:04b}"
    values = np.repeat(mask.ravel(), 4).astype(int) * 255
    changes = np.flatnonzero(np.diff(values)) + 1
    for start, end in zip([0, *changes], [*changes, values.size], strict=True):
        for place in range(start, end, 2**16):
            bits += f"1{0:02b}{min(2**16, end - place) - 1:016b}{values[start]:08b}"
    bits += "0" * (-len(bits) % 8)
    return list(int(bits, 2).to_bytes(len(bits) // 8))


def write_json(path, value):
    path.write_text(json.dumps(value))


def coco(folder):
    write_png(folder / "a.png", IMAGE)
    images = [
        {"id": 1, "file_name": "a.png", "height": HEIGHT, "width": WIDTH, "license": 4, "flickr_url": "f"},
        {"id": 2, "file_name": "gone.png", "height": 9, "width": 9},
    ]
    polygon = [[value for corner in L_CORNERS for value in corner]]
    good = {"image_id": 1, "bbox": [1, 1, 90, 90]}
    annotations = [
        {**good, "id": 1, "category_id": 1, "segmentation": {**RLE, "counts": counts(RING)}},
        {**good, "id": 2, "category_id": 2, "segmentation": polygon},
        {**good, "id": 3, "category_id": 2, "segmentation": polygon, "iscrowd": 1},
        {**good, "id": 4, "category_id": 2, "segmentation": {**RLE, "counts": [3, 4]}},
        {**good, "id": 5, "category_id": 2, "segmentation": [[1, 1, 5, 5]]},
        {**good, "id": 6, "category_id": 2},
        {**good, "id": 7, "category_id": 9},
        {**good, "id": 8, "category_id": 2, "bbox": [float("nan"), 1, 2, 3]},
        {**good, "id": 9, "category_id": 2, "bbox": [1000, 1, 2, 3]},
        {"id": 10, "image_id": 2, "category_id": 2, "bbox": [1, 1, 2, 2], "segmentation": polygon},
    ]
    categories = [{"id": 1, "name": "ring"}, {"id": 2, "name": "bent"}]
    licences = [{"id": 4, "url": "http://creativecommons.org/licenses/by-nc/2.0/", "name": "x"}]
    content = {"images": images, "annotations": annotations, "categories": categories, "licenses": licences}
    write_json(folder / "instances.json", content)


def pairs(folder):
    for name in MASKS:
        (folder / name).mkdir()
        write_png(folder / name / "a.png", IMAGE)
    np.save(folder / "ring" / "a.npy", RING)
    Image.fromarray(BENT).save(folder / "bent" / "a.pbm")


def yolo(folder):
    for name in ("images", "labels"):
        (folder / name).mkdir()
    write_png(folder / "images" / "a.png", IMAGE)
    (folder / "data.yaml").write_text("names: [ring, bent]\n")
    outline = cv2.findContours(RING.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0][:, 0] + 0.5
    ring = (outline / [WIDTH, HEIGHT]).ravel()
    lines = [
        "0 " + " ".join(map(str, ring)),
        "1 " + " ".join(map(str, SHARES)),
        "1 0.1 0.2 0.3 0.4 0.5",
        "1 0.1 0.2",
        "0 0.5 0.5 0.2 0.2",
        "7 " + " ".join(map(str, SHARES)),
        "1 " + " ".join(["nan", *map(str, SHARES[1:])]),
        "one two",
    ]
    (folder / "labels" / "a.txt").write_text("\n".join(lines))


def voc(folder):
    root = folder / "VOCdevkit" / "VOC2012"
    for name in ("JPEGImages", "SegmentationObject", "Annotations"):
        (root / name).mkdir(parents=True)
    write_png(root / "JPEGImages" / "a.png", IMAGE)
    numbers = Image.fromarray((RING + 2 * BENT).astype(np.uint8)).convert("P")
    numbers.putdata((RING + 2 * BENT).astype(np.uint8).ravel().tolist())
    numbers.save(root / "SegmentationObject" / "a.png")
    entries = "".join(f"<object><name>{name}</name></object>" for name in MASKS)
    (root / "Annotations" / "a.xml").write_text(f"<annotation>{entries}</annotation>")


def labelme(folder):
    write_png(folder / "a.png", IMAGE)
    ring = cv2.findContours(RING.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0][:, 0] + 0.5
    shapes = [
        {"label": "ring", "points": ring.tolist(), "shape_type": "polygon"},
        {"label": "bent", "points": L_CORNERS, "shape_type": "polygon"},
        {"label": "bent", "points": [[1, 1], [9, 9]], "shape_type": "rectangle"},
        {"label": "bent", "points": "none"},
    ]
    write_json(folder / "a.json", {"shapes": shapes, "imagePath": "..\\far\\a.png", "imageData": None})


def label_studio(folder):
    write_png(folder / "a.png", IMAGE)
    points = [[100 * x / WIDTH, 100 * y / HEIGHT] for x, y in L_CORNERS]
    results = [
        {"type": "brushlabels", "value": {"rle": packed(RING), "format": "rle", "brushlabels": ["ring"]}},
        {"type": "polygonlabels", "value": {"points": points, "polygonlabels": ["bent"]}},
        {"type": "rectanglelabels", "value": {"x": 1}},
    ]
    tasks = [{"id": 1, "data": {"image": "/data/upload/1/0123abcd-a.png"}, "annotations": [{"result": results}]}]
    write_json(folder / "export.json", tasks)


WRITERS = {
    "coco": (coco, 8),
    "masks": (pairs, 0),
    "yolo": (yolo, 6),
    "voc": (voc, 0),
    "labelme": (labelme, 2),
    "label_studio": (label_studio, 1),
}


@pytest.fixture(scope="module", params=WRITERS)
def source(request, tmp_path_factory):
    """A folder in one of the formats: its name, the folder, and how many lines of it are wrong."""
    folder = tmp_path_factory.mktemp(request.param)
    write, wrong = WRITERS[request.param]
    write(folder)
    return request.param, folder, wrong


def offers_of(name, folder, **options):
    return list(CUTOUT_FORMATS[name].read(folder, ReadOptions(**options)))


def test_the_format_is_told_by_looking(source):
    assert detected(source[1], CUTOUT_FORMATS) == source[0]


def test_all_formats_say_the_same(source):
    name, folder, _ = source
    photographs = [offer for offer in offers_of(name, folder) if isinstance(offer, Photograph)]
    found = {}
    for offer in photographs:
        assert np.array_equal(offer.image(), IMAGE)
        for mark in offer.marks:
            try:
                found.setdefault(mark.category, mark.mask(SIZE))
            except ValueError:
                continue
    for category, mask in found.items():
        expected = MASKS[category]
        if name in ("yolo", "labelme") and category == "ring":  # which have no holes
            expected = cv2.morphologyEx(RING.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((25, 25))) > 0
        overlap = np.count_nonzero(mask & expected) / np.count_nonzero(mask | expected)
        assert overlap == 1 or (overlap > 0.96 and name not in ("masks", "voc")), (category, overlap)
    assert set(found) == set(MASKS)


def test_what_is_wrong_is_refused_one_by_one(source):
    name, folder, wrong = source
    refused = [offer.reason for offer in offers_of(name, folder) if isinstance(offer, Refused)]
    for offer in offers_of(name, folder):
        for mark in offer.marks if isinstance(offer, Photograph) else ():
            try:
                mark.mask(SIZE)
            except ValueError as error:
                refused.append(str(error))
    assert len(refused) == wrong, refused
    assert all(reason and "\n" not in reason for reason in refused)


def test_licence_and_source_come_from_the_file(tmp_path):
    coco(tmp_path)
    (offer,) = [offer for offer in offers_of("coco", tmp_path) if isinstance(offer, Photograph)]
    assert (offer.credit.licence, offer.credit.source) == ("CC-BY-NC-2.0", "f")


def test_the_layout_of_syndata_generation_works_as_it_is(tmp_path):
    for folder in ("objects_dir/cereal", "distractor_objects_dir/bar"):
        (tmp_path / folder).mkdir(parents=True)
        Image.fromarray(IMAGE).save(tmp_path / folder / "NP1_1.jpg")
        Image.fromarray(~RING).save(tmp_path / folder / "NP1_1.pbm")
    assert detected(tmp_path, CUTOUT_FORMATS) == "masks"
    found = {offer.marks[0].category: offer for offer in offers_of("masks", tmp_path, invert=True)}
    assert {name: offer.role for name, offer in found.items()} == {"cereal": "target", "bar": "distractor"}
    assert np.array_equal(found["cereal"].marks[0].mask(SIZE), RING)
    with pytest.raises(ValueError, match="seems to be inverted; take such masks with --invert"):
        offers_of("masks", tmp_path)[0].marks[0].mask(SIZE)


def test_a_mask_of_another_size_is_refused(tmp_path):
    write_png(tmp_path / "a.png", IMAGE)
    np.save(tmp_path / "a.npy", RING[1:])
    (offer,) = offers_of("masks", tmp_path)
    with pytest.raises(ValueError, match="export it at the same size"):
        offer.marks[0].mask(SIZE)


def test_labelme_may_hold_its_picture_itself(tmp_path):
    data = base64.b64encode(cv2.imencode(".png", cv2.cvtColor(IMAGE, cv2.COLOR_RGB2BGR))[1].tobytes()).decode()
    shapes = [{"label": "bent", "points": L_CORNERS}]
    write_json(tmp_path / "a.json", {"shapes": shapes, "imagePath": "gone.png", "imageData": data})
    (offer,) = offers_of("labelme", tmp_path)
    assert np.array_equal(offer.image(), IMAGE)


@pytest.mark.parametrize("data", [[1, 2], "text", [300], packed(RING)[:-9], packed(RING[1:])])
def test_a_damaged_brush_is_refused(data):
    with pytest.raises(ValueError, match="its brush"):
        decode_brush(data, SIZE)


def test_a_plain_background_is_told_apart_and_a_busy_one_refused(tmp_path):
    light = np.linspace(225, 190, WIDTH)[None, :, None] + np.random.default_rng(0).normal(0, 2, (*SIZE, 3))
    plain = np.clip(light, 0, 255).astype(np.uint8)
    plain[RING] = IMAGE[RING]
    write_png(tmp_path / "a.png", plain)
    write_png(tmp_path / "b.png", scenery(np.random.default_rng(4)))
    assert detected(tmp_path, CUTOUT_FORMATS) == "plain"
    one, other = offers_of("plain", tmp_path)
    mask = one.marks[0].mask(SIZE)
    assert np.count_nonzero(mask & RING) / np.count_nonzero(mask | RING) > 0.97
    assert not mask[90, 70], "the hole"
    with pytest.raises(ValueError, match="take it on a plain"):
        other.marks[0].mask(SIZE)


def test_hugging_face_datasets_on_disk(tmp_path):
    datasets = pytest.importorskip("datasets")
    rows = {
        "image": [Image.fromarray(IMAGE), Image.fromarray(IMAGE)],
        "mask": [Image.fromarray((RING + 2 * BENT).astype(np.uint8)), Image.fromarray(RING)],
        "category": ["thing", "ring"],
    }
    features = datasets.Features(
        {"image": datasets.Image(), "mask": datasets.Image(), "category": datasets.Value("string")}
    )
    datasets.Dataset.from_dict(rows, features=features).save_to_disk(tmp_path / "d")
    assert detected(tmp_path / "d", CUTOUT_FORMATS) == "hugging_face"
    first, second = offers_of("hugging_face", tmp_path / "d")
    assert np.array_equal(first.image(), IMAGE) and [mark.name for mark in first.marks] == ["1", "2"]
    assert np.array_equal(first.marks[1].mask(SIZE), BENT)
    assert second.marks[0].category == "ring" and np.array_equal(second.marks[0].mask(SIZE), RING)


def test_without_its_library_hugging_face_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(ConfigError, match="pip install datasets"):
        offers_of("hugging_face", tmp_path)


def test_two_formats_that_fit_are_both_named(tmp_path):
    coco(tmp_path)
    labelme(tmp_path)
    with pytest.raises(ConfigError, match="fits the formats coco and labelme; name the one you mean with --format"):
        detected(tmp_path, CUTOUT_FORMATS)


@pytest.mark.parametrize("name", ["gone", "empty"])
def test_what_no_format_fits_says_which_there_are(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"no such file or folder|formats: rgba \(RGBA files\)"):
        detected(tmp_path / name, CUTOUT_FORMATS)


def test_yolo_without_names_says_what_to_add(tmp_path):
    yolo(tmp_path)
    (tmp_path / "data.yaml").unlink()
    with pytest.raises(DatasetError, match=r"no data.yaml with names"):
        offers_of("yolo", tmp_path)


def test_a_folder_of_assets_brings_its_catalog_along(tmp_path):
    disc(tmp_path / "a.png")
    (tmp_path / "catalog.csv").write_text("id,file,category,group,role,licence,cut\nx,a.png,mug,g,distractor,CC0,bl\n")
    (offer,) = offers_of("rgba", tmp_path)
    assert isinstance(offer, Ready)
    assert (offer.name, offer.category, offer.group, offer.credit.licence) == ("x", "mug", "g", "CC0")
    assert offer.columns == {"role": "distractor", "cut": "bl"}


def test_a_video_gives_a_sharp_frame_of_every_stretch_in_one_group(tmp_path):
    video = cv2.VideoWriter(str(tmp_path / "v.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (WIDTH, HEIGHT))
    rng = np.random.default_rng(0)
    shown = [rng.integers(0, 256, (18, 24, 3), dtype=np.uint8) for _ in range(2)]
    for number in range(40):
        frame = cv2.resize(shown[number // 20], (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
        video.write(cv2.GaussianBlur(frame, (0, 0), 9) if number % 20 < 15 else frame)
    video.release()
    assert detected(tmp_path, SCENE_FORMATS) == "videos"
    offers = list(SCENE_FORMATS["videos"].read(tmp_path, ReadOptions(every=2.0)))
    assert len(offers) == 2 and len({offer.group for offer in offers}) == 1
    for offer, expected in zip(offers, shown, strict=True):
        sharp = cv2.cvtColor(cv2.resize(expected, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST), cv2.COLOR_BGR2RGB)
        assert np.abs(offer.image().astype(int) - sharp).mean() < 25


def test_a_video_taken_as_a_clip_gives_the_frames_as_they_come(tmp_path):
    video = cv2.VideoWriter(str(tmp_path / "v.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (WIDTH, HEIGHT))
    for number in range(8):
        video.write(np.full((HEIGHT, WIDTH, 3), 30 * number, np.uint8))  # without any detail
    video.release()
    offers = list(SCENE_FORMATS["videos"].read(tmp_path, ReadOptions(every=0.2, clip=True)))
    assert len({offer.group for offer in offers}) == 1
    assert [offer.name for offer in offers] == sorted(offer.name for offer in offers)
    assert [round(offer.image().mean() / 30) for offer in offers] == [0, 2, 4, 6]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("http://creativecommons.org/licenses/by-nc-sa/2.0/", "CC-BY-NC-SA-2.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        (" MIT ", "MIT"),
    ],
)
def test_addresses_of_licences_become_names(text, name):
    assert licence_name(text) == name
