"""Reads plain words: which help, when, yes or no, is somebody in danger. Pure; no language model."""
