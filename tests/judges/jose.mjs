// jose as a judge, from the modules of the directory that the argument names. A line of JSON on standard input is a run, and is answered
// as by server.py. Its arguments: verify JWKS TOKEN ALGORITHM: print the claims.
// sign PEM ALGORITHM CLAIMS [KID]: print a token. jws JWKS JWS: print the payload of a JWS. detached JWKS JWS FILE: verify
// a detached JWS. sign-detached PEM ALGORITHM FILE: print one.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [, , modules] = process.argv;
const jose = createRequire(modules + "/")("jose");
const text = (file) => readFileSync(file, "utf8");
const keySet = (file) => jose.createLocalJWKSet(JSON.parse(text(file)));

const commands = {
  async verify(jwks, token, algorithm) {
    const { payload } = await jose.jwtVerify(token, keySet(jwks), { algorithms: [algorithm] });
    return JSON.stringify(payload);
  },
  async sign(pem, algorithm, claims, kid) {
    const key = await jose.importPKCS8(text(pem), algorithm);
    return new jose.SignJWT(JSON.parse(claims)).setProtectedHeader({ alg: algorithm, kid }).sign(key);
  },
  async jws(jwks, jws) {
    const { payload } = await jose.compactVerify(jws, keySet(jwks));
    return Buffer.from(payload).toString("base64");
  },
  async "sign-detached"(pem, algorithm, file) {
    const key = await jose.importPKCS8(text(pem), algorithm);
    const header = { alg: algorithm, b64: false, crit: ["b64"] };
    const jws = await new jose.FlattenedSign(readFileSync(file)).setProtectedHeader(header).sign(key);
    return `${jws.protected}..${jws.signature}`;
  },
  async detached(jwks, jws, file) {
    const [protectedHeader, , signature] = jws.split(".");
    const flattened = { protected: protectedHeader, payload: readFileSync(file), signature };
    await jose.flattenedVerify(flattened, keySet(jwks));
    return "valid";
  },
};

const answer = (status, stdout, stderr) => {
  const base64 = (text) => Buffer.from(text).toString("base64");
  console.log(JSON.stringify({ status, stdout: base64(stdout), stderr: base64(stderr) }));
};

for await (const line of createInterface({ input: process.stdin })) {
  const { directory, args } = JSON.parse(line);
  process.chdir(directory);
  try {
    const [command, ...rest] = args;
    answer(0, (await commands[command](...rest)) + "\n", "");
  } catch (error) {
    // Exit code 1.
    answer(1 << 8, "", `${error.stack}\n`);
  }
}
