// jose as a judge, from the modules of the directory that comes first. verify JWKS TOKEN ALGORITHM: print the claims.
// sign PEM ALGORITHM CLAIMS [KID]: print a token. detached JWKS JWS FILE: verify a detached JWS.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [, , modules, command, ...args] = process.argv;
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
  async detached(jwks, jws, file) {
    const [protectedHeader, , signature] = jws.split(".");
    const flattened = { protected: protectedHeader, payload: readFileSync(file), signature };
    await jose.flattenedVerify(flattened, keySet(jwks));
    return "valid";
  },
};
console.log(await commands[command](...args));
