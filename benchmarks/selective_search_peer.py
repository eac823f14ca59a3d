"""What selective_search.py calls in the environment of opencv-contrib: STRATEGY PICTURE… → JSON."""

from __future__ import annotations

import json
import sys
import time

import cv2


def main() -> None:
    """Time each picture."""
    cv2.setNumThreads(1)
    strategy, *files = sys.argv[1:]
    print(json.dumps([_timed(strategy, file) for file in files]))


def _timed(strategy: str, file: str) -> dict[str, float]:
    image = cv2.imread(file)
    began = time.process_time()
    search = cv2.ximgproc.segmentation.createSelectiveSearchSegmentation()
    search.setBaseImage(image)
    if strategy == "single":
        search.switchToSingleStrategy(150, 0.8)
    else:
        search.switchToSelectiveSearchFast()
    boxes = search.process()
    return {"seconds": time.process_time() - began, "boxes": len(boxes)}


if __name__ == "__main__":
    main()
