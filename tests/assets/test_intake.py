"""Intake: every odd file becomes usable or is refused with its reason; nothing is skipped in silence."""

import hashlib

import cv2
import numpy as np
import pytest
from PIL import Image

from synthgen.assets.catalog import AssetsConfig
from synthgen.assets.intake import load_catalog
from synthgen.core import pictures
from synthgen.core.errors import AssetError
from synthgen.core.pictures import read_background, read_foreground
from tiny_assets import pistol, scenery, write_png, write_tiny_assets


@pytest.fixture
def folders(tmp_path):
    """Two folders without a catalog, one good file in each."""
    foregrounds, backgrounds = tmp_path / "cutouts", tmp_path / "scenes"
    foregrounds.mkdir(), backgrounds.mkdir()
    rng = np.random.default_rng(0)
    write_png(foregrounds / "good.png", pistol(rng))
    write_png(backgrounds / "hall.png", scenery(rng))
    return AssetsConfig(foregrounds=foregrounds, backgrounds=backgrounds)


def cutout():
    return Image.fromarray(pistol(np.random.default_rng(1)))


def found(folders, name):
    """The asset and the finding of one file."""
    catalog = load_catalog(folders)
    assets = [asset for asset in (*catalog.foregrounds, *catalog.backgrounds) if asset.path.name == name]
    findings = [finding for finding in catalog.findings if finding.file.endswith(name)]
    return assets, findings


def test_good_files_pass_without_a_word(folders):
    catalog = load_catalog(folders)
    assert [asset.id for asset in catalog.foregrounds] == ["good"]
    assert [asset.category for asset in catalog.foregrounds] == ["object"]
    assert catalog.findings == ()


def test_sub_folders_name_categories(folders):
    (folders.foregrounds / "revolver").mkdir()
    cutout().save(folders.foregrounds / "revolver" / "snub.png")
    assert [(a.id, a.category) for a in load_catalog(folders).foregrounds] == [
        ("good", "object"),
        ("revolver/snub", "revolver"),
    ]


def test_a_palette_cutout_is_converted(folders):
    cutout().quantize(64).save(folders.foregrounds / "palette.png")
    assets, findings = found(folders, "palette.png")
    assert len(assets) == 1
    assert [(f.action, f.reason) for f in findings] == [("converted", "P converted to RGBA")]


def test_a_grey_cutout_with_alpha_is_converted(folders):
    cutout().convert("LA").save(folders.foregrounds / "grey.png")
    assets, findings = found(folders, "grey.png")
    assert len(assets) == 1 and findings[0].reason == "LA converted to RGBA"


def test_a_deep_grey_scene_is_scaled_not_clipped(folders):
    ramp = np.linspace(0, 65535, 240 * 180).astype(np.uint16).reshape(180, 240)
    cv2.imwrite(str(folders.backgrounds / "deep.png"), ramp)
    pixels, notes = read_background(folders.backgrounds / "deep.png")
    assert (pixels[0, 0] == 0).all() and (pixels[-1, -1] == 255).all()
    assert abs(int(pixels[90, 0, 0]) - 128) <= 1
    assert "scaled to 8 bits" in notes[0]


def test_a_cmyk_scene_is_converted(folders):
    Image.new("CMYK", (160, 120), (0, 255, 255, 0)).save(folders.backgrounds / "print.jpg")
    assets, findings = found(folders, "print.jpg")
    assert len(assets) == 1 and findings[0].reason == "CMYK converted to RGB"
    red, green, blue = read_background(folders.backgrounds / "print.jpg")[0][60, 80]
    assert red > 200 and green < 60 and blue < 60


def test_an_exif_turn_is_applied(folders):
    picture = Image.fromarray(scenery(np.random.default_rng(2)))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(folders.backgrounds / "phone.jpg", exif=exif)
    assets, findings = found(folders, "phone.jpg")
    assert (assets[0].height, assets[0].width) == (240, 180)
    assert findings[0].reason == "turned upright by its EXIF orientation"


def test_of_an_animation_the_first_frame_is_taken(folders):
    frames = [Image.new("RGB", (120, 90), (shade, 0, 0)) for shade in (250, 20)]
    frames[0].save(folders.backgrounds / "clip.gif", save_all=True, append_images=frames[1:])
    _, findings = found(folders, "clip.gif")
    assert "animated, first of 2 frames taken" in {finding.reason for finding in findings}
    assert read_background(folders.backgrounds / "clip.gif")[0][0, 0, 0] > 240


def write_opaque(path):
    cutout().convert("RGB").save(path)


def write_full_alpha(path):
    Image.new("RGBA", (40, 40), (9, 9, 9, 255)).save(path)


def write_transparent(path):
    Image.new("RGBA", (40, 40), (9, 9, 9, 0)).save(path)


def write_truncated(path):
    cutout().save(path)
    path.write_bytes(path.read_bytes()[:300])


def write_text(path):
    path.write_text("no picture")


def write_nothing(path):
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (write_opaque, "no alpha channel"),
        (write_full_alpha, "alpha is fully opaque"),
        (write_transparent, "all transparent"),
        (write_truncated, "damaged or truncated"),
        (write_text, "not an image"),
        (write_nothing, "not an image"),
    ],
)
def test_unusable_cutouts_are_quarantined_with_the_reason(folders, write, reason):
    write(folders.foregrounds / "bad.png")
    assets, findings = found(folders, "bad.png")
    assert assets == []
    assert [finding.action for finding in findings] == ["quarantined"]
    assert reason in findings[0].reason


def test_a_huge_picture_is_refused_before_it_is_decoded(folders, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1000)
    with pytest.raises(AssetError, match="above 0 megapixels; reduce it first"):
        read_background(folders.backgrounds / "hall.png")


def test_colour_under_clear_pixels_survives_reading_as_stored(folders):
    pixels, _ = read_foreground(folders.foregrounds / "good.png")
    assert pixels.dtype == np.uint8 and pixels.shape == (96, 128, 4)
    assert (pixels == pistol(np.random.default_rng(0))).all()


def test_a_cutout_of_any_size_is_read_as_it_was_written(tmp_path):
    for side in (1000, 2100):  # Pillow holds the larger one in pieces
        pixels = np.zeros((side, side, 4), np.uint8)
        pixels[::3, 5:] = np.arange(1, 5)
        pixels[7, 9] = 255
        write_png(tmp_path / "a.png", pixels)
        assert (read_foreground(tmp_path / "a.png")[0] == pixels).all()


def test_nothing_usable_says_what_was_refused(folders):
    write_transparent(folders.foregrounds / "good.png")
    with pytest.raises(AssetError, match=r"1 files were quarantined.*all transparent"):
        load_catalog(folders)


def test_an_empty_folder_is_named(folders):
    (folders.foregrounds / "good.png").unlink()
    with pytest.raises(AssetError, match="cutouts: no usable target cutout: it holds no image files"):
        load_catalog(folders)


def test_files_missing_in_the_catalog_are_reported(tmp_path):
    assets = write_tiny_assets(tmp_path)
    write_png(assets.foregrounds / "stranger.png", pistol(np.random.default_rng(0)))
    (assets.foregrounds / "target-00.png").unlink()
    reasons = {finding.file: finding.reason for finding in load_catalog(assets).findings}
    assert reasons["foregrounds/stranger.png"].startswith("not listed in catalog.csv")
    assert reasons["foregrounds/target-00.png"].startswith("listed in catalog.csv but missing")


def test_a_changed_file_is_quarantined(tmp_path):
    assets = write_tiny_assets(tmp_path)
    catalog = assets.foregrounds / "catalog.csv"
    wrong = hashlib.sha256(b"other").hexdigest()
    catalog.write_text(
        catalog.read_text().replace("target-00,target,CC0-1.0,tests,tests,", f"target-00,target,,,,{wrong}")
    )
    assert "is not the catalogued" in load_catalog(assets).findings[0].reason


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x,x.png,gun,x,hero,,,,", "role 'hero'; expected target or distractor"),
        (",x.png,gun,x,target,,,,", "must not be empty"),
        ("target-00,x.png,gun,x,target,,,,", "names both"),
    ],
)
def test_a_broken_catalog_names_its_line(tmp_path, line, message):
    assets = write_tiny_assets(tmp_path)
    catalog = assets.foregrounds / "catalog.csv"
    catalog.write_text(catalog.read_text() + line + "\n")
    with pytest.raises(AssetError, match=message):
        load_catalog(assets)


def test_a_catalog_without_its_columns_is_refused(tmp_path):
    assets = write_tiny_assets(tmp_path)
    (assets.foregrounds / "catalog.csv").write_text("id,file\na,b\n")
    with pytest.raises(AssetError, match="no column category, group"):
        load_catalog(assets)


def test_copies_share_a_group(folders):
    (folders.foregrounds / "another.png").write_bytes((folders.foregrounds / "good.png").read_bytes())
    groups = {asset.group for asset in load_catalog(folders).foregrounds}
    assert groups == {"another"}


def test_cutouts_come_from_several_folders_and_copies_among_them_share_a_group(folders, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    (more / "theirs.png").write_bytes((folders.foregrounds / "good.png").read_bytes())
    cutout().save(more / "own.png")
    found = load_catalog(folders.model_copy(update={"more_foregrounds": (more,)})).foregrounds
    assert [asset.id for asset in found] == ["good", "own", "theirs"]
    assert found[0].group == found[2].group != found[1].group


def test_an_id_in_two_folders_is_refused(folders, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    cutout().save(more / "good.png")
    with pytest.raises(AssetError, match=r"more: id 'good' stands in .*cutouts, too; give one of them another id"):
        load_catalog(folders.model_copy(update={"more_foregrounds": (more,)}))


def zoned(folder, columns, **masks):
    """A folder of one scene with masks, and an asset section that names it."""
    config = write_tiny_assets(folder, foregrounds=2, backgrounds=1, distractors=0)
    for name, allowed in masks.items():
        write_png(folder / "backgrounds" / name, np.repeat(allowed[:, :, None], 3, axis=2).astype(np.uint8) * 255)
    (line,) = (folder / "backgrounds/catalog.csv").read_text().splitlines()[1:]
    header = "id,file,category,group,role,licence,author,source,sha256,keep_in,keep_out"
    (folder / "backgrounds/catalog.csv").write_text(f"{header}\n{line},{columns}\n")
    return config


def test_masks_of_a_background_become_its_zone(tmp_path):
    left, top = np.zeros((180, 240), bool), np.zeros((180, 240), bool)
    left[:, :120], top[:60] = True, True
    catalog = load_catalog(zoned(tmp_path, "in.png,out.png", **{"in.png": left, "out.png": top}))
    (scene,) = catalog.backgrounds
    assert catalog.findings == ()
    assert scene.zone == ("0" * 32,) * 8 + ("1" * 16 + "0" * 16,) * 16


def test_masks_that_allow_nothing_quarantine_their_scene(tmp_path):
    with pytest.raises(AssetError, match="masks allow no place"):
        load_catalog(zoned(tmp_path, "in.png,", **{"in.png": np.zeros((180, 240), bool)}))


def test_a_grip_is_read_and_counts_as_part_of_what_decides_pixels(tmp_path):
    config = write_tiny_assets(tmp_path, foregrounds=2, backgrounds=1, distractors=0)
    before = load_catalog(config)
    path = config.foregrounds / "catalog.csv"
    header, first, second = path.read_text().splitlines()
    path.write_text(f'{header},grip\n{first},"0.25,0.75"\n{second},\n')
    after = load_catalog(config)
    assert [asset.grip for asset in after.foregrounds] == [(0.25, 0.75), None]
    assert after.digest != before.digest
    path.write_text(f"{header},grip\n{first},\n{second},\n")
    assert load_catalog(config).digest == before.digest
