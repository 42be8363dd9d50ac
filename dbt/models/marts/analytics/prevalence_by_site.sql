{{ prevalence_by('localization_name') }}
