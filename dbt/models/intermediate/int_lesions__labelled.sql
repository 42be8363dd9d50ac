with

words as (
    select * from {{ ref('int_reviews__weighed') }}
),

strongest as (
    select
        lesion_id,
        min(strength_rank) as strength_rank,
        count(distinct diagnosis_code) as diagnosis_count,
        count(case when reviewed_at is not null then 1 end) as reviewer_count,
        max(reviewed_at) as last_reviewed_at
    from words
    group by lesion_id
),

votes as (
    select
        words.lesion_id,
        words.diagnosis_code,
        min(words.confirmation_code) as confirmation_code,
        count(*) as vote_count,
        max(words.reviewed_at) as reviewed_at
    from words
    inner join strongest
        on
            words.lesion_id = strongest.lesion_id
            and words.strength_rank = strongest.strength_rank
    group by words.lesion_id, words.diagnosis_code
),

placed as (
    select
        votes.*,
        rank() over (partition by votes.lesion_id order by votes.vote_count desc) as place
    from votes
),

-- Most of those who confirmed best; where they are as many on two sides, nobody has said it yet.
leaders as (
    select
        lesion_id,
        min(diagnosis_code) as diagnosis_code,
        min(confirmation_code) as confirmation_code,
        max(reviewed_at) as labelled_at,
        count(*) as leader_count
    from placed
    where place = 1
    group by lesion_id
),

labelled as (
    select
        strongest.lesion_id,
        case when leaders.leader_count = 1 then leaders.diagnosis_code end as diagnosis_code,
        case when leaders.leader_count = 1 then leaders.confirmation_code end as confirmation_code,
        coalesce(leaders.labelled_at, strongest.last_reviewed_at) as labelled_at,
        strongest.reviewer_count,
        strongest.diagnosis_count > 1 as is_conflict
    from strongest
    inner join leaders on strongest.lesion_id = leaders.lesion_id
)

select * from labelled
