"""Fast checks of the specification files: python -m unittest test_training"""

import unittest

import numpy as np
import torch

import digit_strings
import evaluate_digits
import frontend
import model
import streaming


class StreamingTest(unittest.TestCase):
    def test_stitching_at_once_equals_decoding_window_by_window(self):
        random = np.random.default_rng(0)
        for frames in (1, 22, 63, 64, 65, 256, 257, 320, 701, 1001):
            cut = list(streaming.windows(frames))
            scores = [
                np.log(random.dirichlet(np.full(11, 0.2), streaming.steps_of(end - start)) + 1e-9)
                for start, end in ((window.start, window.end) for window in cut)
            ]
            decoder, heard = streaming.StreamingDecoder(11), []
            for window, log_probs in zip(cut, scores):
                for result in decoder.accept(window, log_probs):
                    heard += [token.label - 1 for token in result.tokens if result.final]
            stitched = streaming.stitch(cut, scores)
            self.assertEqual(evaluate_digits.digits_of(stitched), tuple(heard), f"{frames} frames")

    def test_a_short_stream_is_one_window_and_equals_offline(self):
        self.assertEqual(list(streaming.windows(63)), [streaming.Window(0, 63, True)])


class FrontEndTest(unittest.TestCase):
    def test_batched_level_equals_the_specification(self):
        log_mels = np.random.default_rng(1).normal(-4.0, 3.0, (50, 40)).astype(np.float32)
        known = torch.arange(50) < 31
        batched = digit_strings.levels(torch.from_numpy(log_mels), known).item()
        self.assertAlmostEqual(batched, frontend.level(log_mels[:31]), places=4)

    def test_every_filter_has_energy_however_warped(self):
        for warp in digit_strings.WARPS:
            self.assertTrue((frontend.mel_filters(float(warp)).sum(axis=0) > 0).all())


class ModelTest(unittest.TestCase):
    def test_padding_does_not_change_real_rows(self):
        import train_digits

        torch.manual_seed(0)
        encoder = model.Encoder(train_digits.CONFIG).eval()
        features = torch.randn(1, 37, frontend.N_MELS)
        padded = torch.cat([features, torch.randn(1, 20, frontend.N_MELS)], dim=1)
        with torch.no_grad():
            alone, steps = encoder(features, torch.tensor([37]))
            beside, _ = encoder(padded, torch.tensor([37]))
        self.assertTrue(torch.allclose(alone, beside[:, : int(steps)], atol=1e-5))


class StringsTest(unittest.TestCase):
    def test_random_is_java_util_random(self):
        random = evaluate_digits.JavaRandom(42)
        # JDK 25's own answers
        self.assertEqual([random.next_int(100) for _ in range(5)], [30, 63, 48, 84, 70])
        random = evaluate_digits.JavaRandom(1)
        self.assertEqual([random.next_int(2801) for _ in range(3)], [232, 757, 1845])

    def test_edit_distance_counts_each_kind_of_error(self):
        self.assertEqual(evaluate_digits.edit_distance((1, 2, 3), (1, 3)), 1)
        self.assertEqual(evaluate_digits.edit_distance((1, 2), (1, 5, 2)), 1)
        self.assertEqual(evaluate_digits.edit_distance((1, 2), (1, 3)), 1)


if __name__ == "__main__":
    unittest.main()
