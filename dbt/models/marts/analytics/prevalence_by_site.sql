{{ prevalence_by('localization_name', 'dim_localizations', 'localization_key') }}
