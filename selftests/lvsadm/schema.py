#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Check JSON documents against a schema.

    schema.py SCHEMA DOCUMENT...

Understands what schema.json of lvsadm uses of JSON Schema, and refuses a
schema that uses anything else.
"""
import json
import sys

TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool,
    "integer": int,
}
KNOWN = {
    "$schema", "$ref", "$defs", "title", "description", "type", "properties",
    "required", "additionalProperties", "items", "enum", "minimum", "maximum",
    "oneOf", "minItems",
}


class Mismatch(Exception):
    """The document does not fit; the text says where and why."""


def is_type(value, name):
    """Is @value of the JSON type @name?"""
    if name == "integer" and isinstance(value, bool):
        return False
    return isinstance(value, TYPES[name])


def check_object(value, schema, root, where):
    """Check the members of an object."""
    members = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            raise Mismatch("%s: %s is missing" % (where, name))
    for name, member in value.items():
        if name in members:
            check(member, members[name], root, where + "." + name)
        elif schema.get("additionalProperties") is False:
            raise Mismatch("%s: unknown member %s" % (where, name))


def check_alternatives(value, schema, root, where):
    """Check that exactly one alternative fits."""
    fitting, reasons = 0, []
    for alternative in schema["oneOf"]:
        try:
            check(value, alternative, root, where)
            fitting += 1
        except Mismatch as reason:
            reasons.append(str(reason))
    if fitting != 1:
        raise Mismatch("%s: %d alternatives fit (%s)" %
                       (where, fitting, "; ".join(reasons)))


def check(value, schema, root, where="$"):
    """Raise Mismatch unless @value fits @schema."""
    unknown = set(schema) - KNOWN
    if unknown:
        raise Mismatch("the schema uses %s" % ", ".join(sorted(unknown)))
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target[part]
        check(value, target, root, where)
    if "type" in schema and not is_type(value, schema["type"]):
        raise Mismatch("%s: %r is no %s" % (where, value, schema["type"]))
    if "enum" in schema and value not in schema["enum"]:
        raise Mismatch("%s: %r is none of %r" % (where, value, schema["enum"]))
    if "minimum" in schema and value < schema["minimum"] or \
       "maximum" in schema and value > schema["maximum"]:
        raise Mismatch("%s: %r is out of range" % (where, value))
    if isinstance(value, dict):
        check_object(value, schema, root, where)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            raise Mismatch("%s: too short" % where)
        for index, item in enumerate(value):
            check(item, schema.get("items", {}), root, "%s[%d]" % (where, index))
    if "oneOf" in schema:
        check_alternatives(value, schema, root, where)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    for path in sys.argv[2:]:
        try:
            with open(path, encoding="utf-8") as file:
                check(json.load(file), schema, schema)
        except (Mismatch, ValueError) as reason:
            sys.exit("%s: %s" % (path, reason))


if __name__ == "__main__":
    main()
