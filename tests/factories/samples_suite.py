"""What every sequence of pictures must do: inherit `SamplesSuite` and give it a fixture `samples`."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from synthgen.shards.codec import decode_image


class SamplesSuite:
    """Tests of any `Samples` of at least two pictures."""

    def test_there_are_as_many_pictures_as_it_says(self, samples):
        assert len(samples) >= 2
        assert len([samples[index] for index in range(len(samples))]) == len(samples)

    def test_a_picture_beyond_the_last_is_an_index_error(self, samples):
        for index in (len(samples), -len(samples) - 1):
            with pytest.raises(IndexError):
                samples[index]

    def test_names_are_unique_and_safe_as_files(self, samples):
        names = [samples[index].name for index in range(len(samples))]
        assert len(set(names)) == len(names)
        assert all(name and "/" not in name and not name.startswith(".") for name in names)

    def test_groups_are_named(self, samples):
        assert all(samples[index].group for index in range(len(samples)))

    def test_sizes_are_those_of_the_images(self, samples):
        for index in range(len(samples)):
            picture = samples[index]
            assert picture.image.dtype == np.uint8
            assert picture.image.shape == (*picture.size, 3)

    def test_data_decodes_to_the_image(self, samples):
        for index in range(len(samples)):
            picture = samples[index]
            if picture.data is not None:
                np.testing.assert_array_equal(decode_image(picture.data), picture.image)

    def test_the_truth_is_of_the_pictures_shape(self, samples):
        for index in range(len(samples)):
            picture = samples[index]
            truth = picture.truth
            if truth.mask is not None:
                assert truth.mask.dtype == np.uint8 and truth.mask.shape == picture.size
            if truth.ignore is not None:
                assert truth.ignore.dtype == bool and truth.ignore.shape == picture.size
                assert truth.mask is None or not (truth.ignore & (truth.mask > 0)).any()
            if truth.boxes is not None:
                self.check_boxes(truth.boxes, picture.size)
            assert truth.label in (None, 0, 1)

    def check_boxes(self, boxes, size):
        assert boxes.xyxy.dtype == np.float32 and boxes.xyxy.shape == (len(boxes.categories), 4)
        assert boxes.crowd.dtype == bool and boxes.crowd.shape == (len(boxes),)
        assert boxes.scores is None
        assert (boxes.xyxy >= 0).all() and (boxes.xyxy <= [size[1], size[0], size[1], size[0]]).all()
        assert (boxes.xyxy[:, :2] <= boxes.xyxy[:, 2:]).all()

    def test_the_same_picture_comes_again(self, samples):
        first, again = samples[1], samples[1]
        assert first.name == again.name
        np.testing.assert_array_equal(first.image, again.image)

    def test_it_can_be_sent_to_another_process(self, samples):
        sent = pickle.loads(pickle.dumps(samples))
        assert len(sent) == len(samples)
        np.testing.assert_array_equal(sent[0].image, samples[0].image)
