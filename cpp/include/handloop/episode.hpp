// Whole closed-loop runs on simulated time, alone or many at once on MuJoCo's own thread pool.
#pragma once

#include <mujoco/mjbatch.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/claim.hpp"
#include "handloop/controller.hpp"
#include "handloop/recorder.hpp"
#include "handloop/sim_plant.hpp"

namespace handloop {

// One run: a model of its own (its schedule changes masses in it), a plant, a controller, a log.
class Episode {
 public:
  // `m` must outlive the episode and serve no other one.
  Episode(mjModel& m, const SimPlantIds& ids, const SensorModel& sensors, const HandModel& hand,
          const ControllerConfig& config, const std::vector<int>& logged_sensors, int ticks,
          const CapstanFriction& tendon_friction = {})
      : m_(m),
        plant_(m, ids, sensors, config.period, tendon_friction),
        controller_(hand, config),
        recorder_(m, controller_, logged_sensors, ticks),
        ticks_(ticks),
        initial_qpos_(m.qpos0, m.qpos0 + m.nq),
        final_qpos_(initial_qpos_) {}

  mjModel& model() { return m_; }
  SimPlant& plant() { return plant_; }
  Controller& controller() { return controller_; }
  const Recorder& recorder() const { return recorder_; }
  bool diverged() const { return diverged_; }
  // Positions of the whole model where the last run or replay ended.
  const std::vector<double>& final_qpos() const { return final_qpos_; }

  void set_initial_qpos(const std::vector<double>& qpos) {
    if (qpos.size() != initial_qpos_.size()) {
      throw std::invalid_argument("initial qpos has " + std::to_string(qpos.size()) +
                                  " entries, the model " + std::to_string(initial_qpos_.size()));
    }
    initial_qpos_ = qpos;
  }

  // Ends the run after the tick in which a column of the log leaves [low, high].
  void stop_outside(int column, double low, double high) {
    if (column < 0 || column >= recorder_.width()) {
      throw std::invalid_argument("the log has no column " + std::to_string(column));
    }
    watches_.push_back({column, low, high});
  }

  // Closed loop from the initial state to the end, until the simulation diverges or a watch ends
  // it. Appends what the controller was given to `samples`, if not null.
  void run(mjData& d, std::vector<HandState>* samples = nullptr) {
    begin(d);
    controller_.reset();
    controller_.cool_down();
    recorder_.clear();
    for (int i = 0; i < ticks_ && !diverged_ && !watched(); ++i) {
      plant_.read(state_);
      if (samples) samples->push_back(state_);
      const HandCommand& command = controller_.tick(state_, plant_.now());
      recorder_.record(state_, command, controller_, plant_.truth());
      plant_.write(command);
      diverged_ = !plant_.advance();
    }
    end(d);
  }

  // The same steps and schedule once more with the recorded torques, without sensing, control and
  // log: for comparing speed.
  void replay(mjData& d) {
    begin(d);
    for (int i = 0; i < recorder_.count() && !diverged_; ++i) {
      recorder_.effort(i, replayed_.effort);
      plant_.write(replayed_);
      diverged_ = !plant_.advance();
    }
    end(d);
  }

 private:
  struct Watch {
    int column;
    double low, high;
  };

  bool watched() const {
    if (recorder_.count() == 0) return false;
    for (const Watch& watch : watches_) {
      const double value = recorder_.last()[watch.column];
      if (!(value >= watch.low && value <= watch.high)) return true;
    }
    return false;
  }

  void begin(mjData& d) {
    mj_resetData(&m_, &d);
    std::copy(initial_qpos_.begin(), initial_qpos_.end(), d.qpos);
    plant_.start(d);
    diverged_ = false;
  }

  void end(const mjData& d) {
    std::copy_n(d.qpos, m_.nq, final_qpos_.begin());
    plant_.finish();
  }

  mjModel& m_;
  SimPlant plant_;
  Controller controller_;
  Recorder recorder_;
  int ticks_;
  std::vector<double> initial_qpos_, final_qpos_;
  std::vector<Watch> watches_;
  bool diverged_ = false;
  HandState state_;
  HandCommand replayed_;
};

enum class BatchJob { kRun, kReplay };

// Runs every episode on `threads` threads (0: one per core). Throws std::invalid_argument when the
// episodes do not go together, std::runtime_error when one is in use or MuJoCo refuses. Results do
// not depend on the number of threads: no state is shared between episodes.
inline void run_batch(const std::vector<Episode*>& episodes, int threads, BatchJob job) {
  if (episodes.empty()) return;
  std::vector<Episode*> each = episodes;
  std::sort(each.begin(), each.end());
  if (std::adjacent_find(each.begin(), each.end()) != each.end()) {
    throw std::invalid_argument("an episode is in the batch twice");
  }
  // Tracks change masses in the model, so each episode has to have its own.
  std::vector<const mjModel*> models;
  for (Episode* episode : episodes) models.push_back(&episode->model());
  std::sort(models.begin(), models.end());
  if (std::adjacent_find(models.begin(), models.end()) != models.end()) {
    throw std::invalid_argument(
        "two episodes of the batch share one model; make each with a copy of it, "
        "copy.copy(model)");
  }
  for (Episode* episode : episodes) {
    if (episode->model().signature == episodes[0]->model().signature) continue;
    throw std::invalid_argument("the episodes of a batch need copies of one model");
  }
  std::vector<std::unique_ptr<Claims>> claims;
  for (Episode* episode : episodes) {
    claims.push_back(
        std::make_unique<Claims>(episode->plant(), episode->controller(), Claim::By::kCaller));
  }
  mjBatchConfig config;
  mjb_defaultConfig(&config);
  config.nthread = threads;
  char error[1000] = "";
  mjBatch* batch = mjb_makeBatch(&episodes[0]->model(), static_cast<int>(episodes.size()), &config,
                                 error, sizeof(error));
  if (!batch) throw std::runtime_error(std::string("MuJoCo could not make a batch: ") + error);
  struct Argument {
    const std::vector<Episode*>& episodes;
    BatchJob job;
  } argument{episodes, job};
  const int failed = mjb_apply(
      batch, nullptr, 0,
      [](const mjModel*, mjData* d, int sim, void* arg) {
        // An error inside MuJoCo leaves by longjmp, so nothing here may own memory.
        const auto& a = *static_cast<Argument*>(arg);
        Episode& episode = *a.episodes[static_cast<std::size_t>(sim)];
        a.job == BatchJob::kRun ? episode.run(*d) : episode.replay(*d);
      },
      &argument, 0);
  std::string message;
  for (int i = 0; failed > 0 && message.empty() && i < mjb_nsim(batch); ++i) {
    if (mjb_status(batch)[i]) message = mjb_error(batch, i);
  }
  for (Episode* episode : episodes) episode->plant().finish();  // those that were aborted, too
  mjb_deleteBatch(batch);
  if (failed > 0) throw std::runtime_error("MuJoCo stopped a simulation: " + message);
}

}  // namespace handloop
