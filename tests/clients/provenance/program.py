"""Reads exports with the published libraries of the two formats, and says what these do not accept.

    program.py FILE      one JSON object: {"in-toto": [text, ...], "openlineage": [text, ...]}

in-toto's classes are made from the specification's protobuf, OpenLineage's from its JSON schemas. Both take more than
they should: so here unknown members, missing ones and other types are refused, and what a class writes must be what it
has read.
"""
import json
import re
import sys
import types
import typing
from datetime import datetime
from enum import Enum
from urllib.parse import urlparse

import attr
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from openlineage.client.generated import (base, column_lineage_dataset, error_message_run, lifecycle_state_change_dataset,
                                          parent_run, schema_dataset, sql_job)
from openlineage.client.serde import Serde

FACETS = {"schema": schema_dataset.SchemaDatasetFacet, "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet,
          "lifecycleStateChange": lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet,
          "sql": sql_job.SQLJobFacet, "errorMessage": error_message_run.ErrorMessageRunFacet,
          "parent": parent_run.ParentRunFacet}
KINDS = (base.RunFacet, base.JobFacet, base.DatasetFacet)
OWN = "strata_provenance"


def must(holds, text):
    if not holds:
        raise ValueError(text)


def is_uri(text):
    must(urlparse(text).scheme, f"{text!r} is no URI")


def in_toto(text):
    """A Statement of the attestation framework v1 whose predicate is shaped as SLSA's provenance v1."""
    given = json.loads(text)
    statement = json_format.Parse(text, statement_pb2.Statement())
    Statement.copy_from_pb(statement).validate()
    must(json_format.MessageToDict(statement) == given, "the statement is written otherwise than it was read")
    names = [one.name for one in statement.subject]
    must(len(set(names)) == len(names), "two subjects have the same name")
    predicate = {name: value for name, value in given["predicate"].items() if name not in ("entry", "row")}
    provenance = json_format.ParseDict(predicate, provenance_pb2.Provenance())
    build, run = provenance.build_definition, provenance.run_details
    for uri in (statement.predicate_type, build.build_type, run.builder.id):
        is_uri(uri)
    for one in list(statement.subject) + list(build.resolved_dependencies):
        ResourceDescriptor.copy_from_pb(one).validate()
        must(set(one.digest) == {"sha256"} and re.fullmatch("[0-9a-f]{64}", one.digest["sha256"]), "no SHA-256")
    must(build.HasField("external_parameters"), "no external parameters")
    must(run.metadata.invocation_id, "no invocation")
    must(run.metadata.started_on.ToNanoseconds() <= run.metadata.finished_on.ToNanoseconds(), "finished before it began")
    must(re.search(r"[:/]v\d+$", statement.predicate_type), "the predicate's type has no version")


def facets(kind, given):
    """Facets have their class by their name. One of ours is in no schema but that of its kind."""
    out = {}
    for name, value in given.items():
        known = FACETS.get(name)
        must(known is None or issubclass(known, kind), f"{name} is no {kind.__name__}")
        must(known is not None or name == OWN, f"unknown facet {name}")
        if known is None:
            is_uri(value["_schemaURL"])
            is_uri(value["_producer"])
            out[name] = value
        else:
            out[name] = read(known, value)
    return out


def read(wanted, value):
    """The value as what its class says it is."""
    origin = typing.get_origin(wanted)
    if origin in (typing.Union, types.UnionType):
        wanted, = (one for one in typing.get_args(wanted) if one is not type(None))
        return read(wanted, value)
    if origin is list:
        must(isinstance(value, list), f"{value!r} is no array")
        return [read(typing.get_args(wanted)[0], one) for one in value]
    if origin is dict:
        must(isinstance(value, dict), f"{value!r} is no object")
        of = typing.get_args(wanted)[1]
        if of in KINDS:
            return facets(of, value)
        return {name: read(of, one) for name, one in value.items()}
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return wanted(value)
    if not attr.has(wanted):
        must(type(value) is wanted, f"{value!r} is no {wanted.__name__}")
        return value
    return read_class(wanted, value)


def read_class(wanted, value):
    must(isinstance(value, dict), f"{value!r} is no object")
    hints, out, url = typing.get_type_hints(wanted), {}, None
    fields = {field.name: field for field in attr.fields(wanted)}
    unknown = set(value) - set(fields)
    must(not unknown, f"{wanted.__name__} has no {', '.join(sorted(unknown))}")
    for name, field in fields.items():
        required = field.default is attr.NOTHING or name in ("_producer", "_schemaURL", "producer", "schemaURL")
        must(name in value or not required, f"{wanted.__name__} lacks {name}")
        if name not in value:
            continue
        if name in ("_schemaURL", "schemaURL"):
            url = value[name]  # the class sets its own
            continue
        out[field.alias] = read(hints[name], value[name])
    made = wanted(**out)
    if url is not None:
        must(url == wanted._get_schema(), f"{url} is not {wanted._get_schema()}")
    if wanted is base.RunEvent:
        is_uri(made.producer)
        must(datetime.fromisoformat(made.eventTime.replace("Z", "+00:00")).tzinfo, "eventTime has no zone")
    return made


def bare(value):
    """Without what is empty: classes write their empty lists, or leave them out."""
    if isinstance(value, dict):
        return {name: bare(one) for name, one in value.items() if one not in ({}, [], None)}
    return [bare(one) for one in value] if isinstance(value, list) else value


def openlineage(text):
    given = json.loads(text)
    event = read(base.RunEvent, given)
    must(event.eventType is not None, "no eventType")
    must(bare(json.loads(Serde.to_json(event))) == bare(given), "the event is written otherwise than it was read")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    complaints = []
    for form, check in (("in-toto", in_toto), ("openlineage", openlineage)):
        for number, text in enumerate(given[form]):
            try:
                check(text)
            except Exception as error:  # the libraries raise what they like
                complaints.append([form, number, f"{type(error).__name__}: {error}"])
    json.dump(complaints, sys.stdout)


if __name__ == "__main__":
    main()
