"""What a training prints where its output is piped."""

from sample_factory import make_samples, write_dataset
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.fit import fit


def test_a_piped_training_prints_plain_lines_with_epoch_and_loss(tmp_path, capsys):
    data = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(12, size=(32, 32))})
    config = SegmentationConfig(network="plain_unet", width=2, epochs=2, batch_size=4, name="tiny", augment=False)
    fit(config, data, tmp_path / "m")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("train tiny: 6/6 batches, ") and ", epoch 2/2, loss " in lines[-1]
    assert len(lines) <= 3 and "\x1b" not in "".join(lines)
    fit(config.model_copy(update={"steps": 4}), data, tmp_path / "steps")
    assert ": 4/4 batches, " in (line := capsys.readouterr().out.splitlines()[-1]) and ", epoch 2, loss " in line
    fit(config, data, tmp_path / "quiet", progress=False)
    assert capsys.readouterr().out == ""
