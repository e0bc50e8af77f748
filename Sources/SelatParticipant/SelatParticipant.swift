// SelatParticipant: filled by the first slice.
