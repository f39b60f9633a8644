// Many episodes at once on MuJoCo's own thread pool.
//
// Results do not depend on the number of threads: no state is shared between episodes.
#pragma once

#include <mujoco/mjbatch.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/claim.hpp"
#include "handloop/episode.hpp"

namespace handloop {

enum class BatchJob { kRun, kReplay };

// Throws std::invalid_argument where one is listed twice, or two share what a run changes.
inline void check_apart(const std::vector<Episode*>& episodes) {
  std::vector<const void*> each, models;
  for (Episode* episode : episodes) {
    each.push_back(episode);
    models.push_back(&episode->model());
  }
  const auto repeats = [](std::vector<const void*>& list) {
    std::sort(list.begin(), list.end());
    return std::adjacent_find(list.begin(), list.end()) != list.end();
  };
  if (repeats(each)) throw std::invalid_argument("an episode is in the batch twice");
  // Tracks change masses in the model, so each episode has to have its own.
  if (repeats(models)) {
    throw std::invalid_argument(
        "two episodes of the batch share one model; make each with a copy of it, "
        "copy.copy(model)");
  }
}

// Episodes that nobody else works with as long as this is there.
class ClaimedEpisodes {
 public:
  // Throws std::runtime_error when one is in use.
  explicit ClaimedEpisodes(const std::vector<Episode*>& episodes) : episodes_(episodes) {
    for (Episode* episode : episodes) {
      claims_.push_back(
          std::make_unique<Claims>(episode->plant(), episode->controller(), Claim::By::kCaller));
    }
  }

  // Calls `job(episode, d)` for each, with data made for `m`. Throws std::runtime_error when
  // MuJoCo refuses. An error inside MuJoCo leaves by longjmp, so a job may not own memory.
  template <typename Job>
  void on_threads(const mjModel& m, int threads, const Job& job) {
    mjBatchConfig config;
    mjb_defaultConfig(&config);
    config.nthread = threads;
    char error[1000] = "";
    const std::unique_ptr<mjBatch, FreeBatch> batch(
        mjb_makeBatch(&m, static_cast<int>(episodes_.size()), &config, error, sizeof(error)));
    if (!batch) throw std::runtime_error(std::string("MuJoCo could not make a batch: ") + error);
    struct Argument {
      const std::vector<Episode*>& episodes;
      const Job& job;
    } argument{episodes_, job};
    const int failed = mjb_apply(
        batch.get(), nullptr, 0,
        [](const mjModel*, mjData* d, int sim, void* arg) {
          const auto& a = *static_cast<Argument*>(arg);
          a.job(*a.episodes[static_cast<std::size_t>(sim)], *d);
        },
        &argument, 0);
    if (failed > 0) abandon(*batch);
  }

 private:
  struct FreeBatch {
    void operator()(mjBatch* batch) const { mjb_deleteBatch(batch); }
  };

  void abandon(const mjBatch& batch) {
    std::string message;
    for (std::size_t i = 0; i < episodes_.size(); ++i) {
      if (!mjb_status(&batch)[i]) continue;
      episodes_[i]->abandon();
      if (message.empty()) message = mjb_error(&batch, static_cast<int>(i));
    }
    throw std::runtime_error("MuJoCo stopped a simulation: " + message);
  }

  const std::vector<Episode*>& episodes_;
  std::vector<std::unique_ptr<Claims>> claims_;
};

// Runs every episode on `threads` threads (0: one per core). Throws std::invalid_argument when the
// episodes do not go together, std::runtime_error when one is in use or MuJoCo refuses.
inline void run_batch(const std::vector<Episode*>& episodes, int threads, BatchJob job) {
  if (episodes.empty()) return;
  check_apart(episodes);
  for (Episode* episode : episodes) {
    if (episode->model().signature == episodes[0]->model().signature) continue;
    throw std::invalid_argument("the episodes of a batch need copies of one model");
  }
  ClaimedEpisodes(episodes).on_threads(episodes[0]->model(), threads,
                                       [job](Episode& episode, mjData& d) {
                                         job == BatchJob::kRun ? episode.run(d) : episode.replay(d);
                                       });
}

// A model of nothing. What runs on data of its own needs a batch for its threads only.
inline const mjModel& empty_model() {
  struct Free {
    void operator()(mjModel* m) const { mj_deleteModel(m); }
    void operator()(mjSpec* s) const { mj_deleteSpec(s); }
  };
  static const std::unique_ptr<mjModel, Free> model = [] {
    const std::unique_ptr<mjSpec, Free> spec(mj_makeSpec());
    spec->memory = 1024;  // [bytes]
    return std::unique_ptr<mjModel, Free>(mj_compile(spec.get(), nullptr));
  }();
  return *model;
}

// Puts every episode at its beginning, to go on from there. They may be of different models. Throws
// as run_batch.
inline void begin_batch(const std::vector<Episode*>& episodes, int threads) {
  if (episodes.empty()) return;
  check_apart(episodes);
  ClaimedEpisodes claimed(episodes);
  for (Episode* episode : episodes) episode->make_data();
  claimed.on_threads(empty_model(), threads, [](Episode& episode, mjData&) { episode.begin(); });
}

// Goes on with every episode that has begun and not ended, by `ticks` control ticks at most.
// Throws as begin_batch, and when one has not begun.
inline void advance_batch(const std::vector<Episode*>& episodes, int ticks, int threads) {
  if (episodes.empty()) return;
  check_apart(episodes);
  ClaimedEpisodes claimed(episodes);
  for (const Episode* episode : episodes) episode->check_goes_on();
  claimed.on_threads(empty_model(), threads,
                     [ticks](Episode& episode, mjData&) { episode.advance(ticks); });
}

}  // namespace handloop
