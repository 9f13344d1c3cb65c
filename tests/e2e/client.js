// Writes a patient and reads it back: client.js ADDRESS IDENTITY CA PROTOS, IDENTITY.pem and IDENTITY.key being its pair.
'use strict';
const {randomUUID} = require('crypto');
const {readFileSync} = require('fs');
const {promisify} = require('util');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

async function main(address, identity, ca, protos) {
  const definition = loader.loadSync('bonnie/records/v1/patient_service.proto',
                                     {includeDirs: [protos], longs: String, enums: String, defaults: false});
  const {PatientService} = grpc.loadPackageDefinition(definition).bonnie.records.v1;
  const credentials =
      grpc.credentials.createSsl(readFileSync(ca), readFileSync(`${identity}.key`), readFileSync(`${identity}.pem`));
  const patients = new PatientService(address, credentials);
  const call = (method) => promisify(patients[method]).bind(patients);

  const created = await call('CreatePatient')({
    patient: {
      firstName: 'Katherine',
      lastName: 'Johnson',
      dateOfBirth: {year: 1918, month: 8, day: 26},
      gender: 'GENDER_FEMALE',
    },
    requestId: randomUUID(),
  });
  const {patient} = await call('GetPatient')({id: created.patient.id});
  const {year, month, day} = patient.dateOfBirth;
  const read = `${patient.firstName} ${patient.lastName} ${year}-${month}-${day} ${patient.gender}`;
  const missing = await call('GetPatient')({id: '999999'}).catch((error) => error);
  console.log(`${read}, then ${grpc.status[missing.code]}`);
  patients.close();
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
