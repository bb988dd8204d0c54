#!/usr/bin/env node
// Package managers link this file before dist/ is built.
import '../dist/cli/nestling.js'
