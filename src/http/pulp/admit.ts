import type { CertificateSubject } from '../../core/certificate.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Permission } from '../../core/permission.ts'
import type { User } from '../../core/user.ts'
import { authorize } from '../../operations/authorize.ts'
import type { Proof } from '../kit/api.ts'
import { admitConsumer } from './admit-consumer.ts'
import { objectId } from './object-id.ts'
import { toResource } from './resource.ts'
import type { PulpServices } from './services.ts'

type AdmitServices = Pick<PulpServices, 'authenticate' | 'authority' | 'consumerExists' | 'grants' | 'users'>

/**
 * Who is calling; throws unless they may do one of `wanted` here (pulp2-api §1.5, §1.6). A header is looked at before a certificate.
 * A consumer, who is no user, is undefined.
 */
export async function admit(
  services: AdmitServices,
  { authorization, certificate }: Proof,
  wanted: readonly Permission[],
  path: string,
): Promise<User | undefined> {
  const resource = toResource(path)
  const shown = authorization === undefined ? certificate() : undefined
  const subject = shown && (await services.authority.identify(shown))
  if (shown !== undefined && subject === undefined) throw badCertificate('is out of date, or not of a known authority')
  if (subject?.kind === 'consumer') {
    if (!(await services.consumerExists(subject.id)))
      throw badCertificate(`is of ${subject.id}, which is not registered`)
    admitConsumer(subject.id, wanted, resource)
    return undefined
  }
  const user = subject ? await userOf(services, subject) : await services.authenticate(authorization)
  await authorize(services.grants, user, wanted, resource)
  return user
}

/** Looked up each time, so one that was deleted is nobody at once; so is one who has only the name of somebody before. */
async function userOf(
  { users }: AdmitServices,
  { login, id }: Extract<CertificateSubject, { kind: 'user' }>,
): Promise<User> {
  const found = await users.find(login)
  if (found === undefined) throw badCertificate(`is of ${login}, who is no user any more`)
  const { passwordHash: _, ...user } = found
  if (id === null || id === objectId('user', user.created, user.key)) return user
  throw badCertificate(`is of another ${login}, who is no user any more`)
}

function badCertificate(what: string): DeckleError {
  return new DeckleError('unauthenticated', `Authentication failed: the client certificate ${what}`, {
    code: 'invalid_ssl_certificate',
  })
}
