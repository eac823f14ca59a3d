"""A study whose output is piped says how far its trainings are."""

import threading

from trainers.learn.log import METRICS_FILE
from trainers.study.watch import last_epochs, watching


def log(folder, text="epoch,train_loss\n0,0.5\n1,0.25\n"):
    folder.mkdir(exist_ok=True)
    (folder / METRICS_FILE).write_text(text)


def test_the_last_epoch_of_each_log_that_has_one(tmp_path):
    folders = {name: tmp_path / name for name in ("a", "b", "c")}
    log(folders["a"])
    log(folders["b"], "epoch,train_loss\n")
    assert last_epochs(folders) == {"a": (2, 0.25)}


def test_a_log_of_before_is_no_news_and_one_that_could_not_be_read_is_told_later(tmp_path):
    told, heard = [], threading.Event()

    def tell(line):
        told.append(line)
        heard.set()

    log(tmp_path / "a")
    log(tmp_path / "b", "epo")
    with watching({name: tmp_path / name for name in "ab"}, tell, every=0.01):
        assert not heard.wait(0.1)
        log(tmp_path / "b")
        assert heard.wait(10)
    assert told == ["b: epoch 2, training loss 0.2500"]


def test_lines_come_while_the_block_runs_and_not_after(tmp_path):
    told, heard = [], threading.Event()

    def tell(line):
        told.append(line)
        heard.set()

    with watching({"a": tmp_path / "a"}, tell, every=0.01):
        log(tmp_path / "a")
        assert heard.wait(10)
    count = len(told)
    log(tmp_path / "a")
    assert told[0] == "a: epoch 2, training loss 0.2500" and len(told) == count
