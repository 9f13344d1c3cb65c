"""Writes a patient and reads it back: client.py ADDRESS IDENTITY CA, IDENTITY.pem and IDENTITY.key being its pair."""

import sys
import uuid

import grpc
from bonnie.records.v1 import patient_service_pb2 as service
from bonnie.records.v1 import patient_service_pb2_grpc as stubs
from bonnie.records.v1 import resources_pb2 as resources
from bonnie.type.v1 import date_pb2


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main(address, identity, ca):
    credentials = grpc.ssl_channel_credentials(read(ca), read(identity + ".key"), read(identity + ".pem"))
    with grpc.secure_channel(address, credentials) as channel:
        patients = stubs.PatientServiceStub(channel)
        created = patients.CreatePatient(
            service.CreatePatientRequest(
                patient=resources.Patient(
                    first_name="Grace",
                    last_name="Hopper",
                    date_of_birth=date_pb2.Date(year=1906, month=12, day=9),
                    gender=resources.GENDER_FEMALE,
                ),
                request_id=str(uuid.uuid4()),
            ),
            timeout=10,
        ).patient
        patient = patients.GetPatient(service.GetPatientRequest(id=created.id), timeout=10).patient
        born = patient.date_of_birth
        gender = resources.Gender.Name(patient.gender)
        print(f"{patient.first_name} {patient.last_name} {born.year}-{born.month:02}-{born.day:02} {gender}", end="")
        try:
            patients.GetPatient(service.GetPatientRequest(id=created.id + 1000), timeout=10)
        except grpc.RpcError as error:
            print(f", then {error.code().name}")


main(*sys.argv[1:])
