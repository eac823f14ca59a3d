"""A study whose output is piped says how far its trainings are."""

import threading

from trainers.learn.log import METRICS_FILE
from trainers.study.watch import news, watching


def log(folder, text="epoch,train_loss\n0,0.5\n1,0.25\n"):
    folder.mkdir(exist_ok=True)
    (folder / METRICS_FILE).write_text(text)


def test_news_are_of_logs_that_grew(tmp_path):
    folders = {name: tmp_path / name for name in ("a", "b", "c")}
    log(folders["a"])
    log(folders["b"], "epoch,train_loss\n")
    assert list(news(folders, 0)) == ["a: epoch 2, training loss 0.2500"]
    assert list(news(folders, (folders["a"] / METRICS_FILE).stat().st_mtime + 1)) == []


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
