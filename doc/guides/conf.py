# SPDX-License-Identifier: BSD-3-Clause

"""Configuration of Sphinx for the guides."""

from pathlib import Path
import re

project = 'dpdk-sriov'
# pylint: disable-next=redefined-builtin
copyright = '2026 The dpdk-sriov authors'
author = 'The dpdk-sriov authors'

meson_build = Path(__file__).parents[2] / 'meson.build'
release = re.search(r"version: '([^']+)'", meson_build.read_text(encoding='utf-8')).group(1)
version = release

extensions = []
exclude_patterns = ['_build']
highlight_language = 'none'
html_theme = 'alabaster'
html_theme_options = {'page_width': '70em'}
html_show_sourcelink = False
smartquotes = False
