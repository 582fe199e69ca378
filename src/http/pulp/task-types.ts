const applicability = 'pulp.server.managers.consumer.applicability'

/** What Pulp called the function that does what our operation does (pulp2-api §3.6); clients only show it. */
export const taskTypes: Readonly<Record<string, string>> = {
  'sync-repository': 'pulp.server.managers.repo.sync.sync',
  'publish-repository': 'pulp.server.managers.repo.publish.publish',
  'import-upload': 'pulp.server.managers.content.upload.import_uploaded_unit',
  'download-repository': 'pulp.server.controllers.repository.download_repo',
  'associate-units': 'pulp.server.managers.repo.unit_association.associate_from_repo',
  'unassociate-units': 'pulp.server.managers.repo.unit_association.unassociate_by_criteria',
  'regenerate-applicability': `${applicability}.regenerate_applicability_for_repos`,
  'regenerate-applicability-for-consumers': `${applicability}.regenerate_applicability_for_consumers`,
  'regenerate-applicability-batch': `${applicability}.batch_regenerate_applicability`,
  'delete-repository': 'pulp.server.tasks.repository.delete',
  'set-importer': 'pulp.server.managers.repo.importer.set_importer',
  'update-importer': 'pulp.server.managers.repo.importer.update_importer_config',
  'remove-importer': 'pulp.server.managers.repo.importer.remove_importer',
  'update-distributor': 'pulp.server.tasks.repository.distributor_update',
  'delete-orphans': 'pulp.server.managers.content.orphan.delete_all_orphans',
  'delete-orphans-by-type': 'pulp.server.managers.content.orphan.delete_orphans_by_type',
  'delete-orphans-by-id': 'pulp.server.managers.content.orphan.delete_orphans_by_id',
  'refresh-content-source': 'pulp.server.tasks.content.refresh_content_source',
  'refresh-content-sources': 'pulp.server.tasks.content.refresh_content_sources',
  'publish-repository-group': 'pulp.server.managers.repo.group.publish.publish',
  'remove-distributor': 'pulp.server.tasks.repository.distributor_delete',
}

/** Our own word for an operation that Pulp does not have. */
export function toPulpTaskType(operation: string): string {
  return taskTypes[operation] ?? operation
}
