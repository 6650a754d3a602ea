#!/bin/sh
# docs/openapi.yaml and docs/asyncapi.yaml are what OpenAPI and AsyncAPI say, refer to nothing that is not there, and their
# examples are as they say themselves.
set -eu

node tests/lint/description.mjs docs/openapi.yaml docs/asyncapi.yaml
