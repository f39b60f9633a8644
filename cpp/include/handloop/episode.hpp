// A closed-loop run on simulated time: in one go, in portions, or with the physics elsewhere.
#pragma once

#include <mujoco/mujoco.h>

#include <algorithm>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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
  // Keeps the model in being, if it is given.
  void set_model_owner(std::shared_ptr<const void> owner) { model_owner_ = std::move(owner); }
  const void* model_owner() const { return model_owner_.get(); }
  SimPlant& plant() { return plant_; }
  Controller& controller() { return controller_; }
  const Recorder& recorder() const { return recorder_; }
  bool diverged() const { return diverged_; }
  int ticks() const { return ticks_; }  // at most
  // Positions of the whole model where the last run, portion or replay ended.
  const std::vector<double>& final_qpos() const { return final_qpos_; }
  // What the controller will be given next, or would be if the run went on.
  const HandState& sample() const { return state_; }

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
    while (under_way_) {
      if (samples) samples->push_back(state_);
      advance(1);
    }
  }

  // Before begin(). Takes memory at the first time.
  void make_data() {
    if (!own_) own_.reset(mj_makeData(&m_));
    if (!own_) throw std::bad_alloc();
  }
  // The same run in portions, on data of the episode's own.
  void begin() { begin(*own_); }
  // The same run on data of the caller's, which `owner`, if given, keeps in being meanwhile.
  void begin(mjData& d, std::shared_ptr<const void> owner = nullptr) {
    start(d, std::move(owner));
    controller_.reset();
    controller_.cool_down();
    recorder_.clear();
    done_ = 0;
    under_way_ = true;
    plant_.read(state_);
  }
  // Goes on by as many control ticks, fewer if it ends; nothing once it has.
  void advance(int ticks) {
    for (int i = 0; i < ticks && under_way_; ++i) {
      control();
      sense(plant_.advance());
    }
    if (under_way_) note_qpos();
  }

  // For physics elsewhere, in this order: torques for the newest sample, into the data; ...
  void control() {
    const HandCommand& command = controller_.tick(state_, plant_.now());
    recorder_.record(state_, command, controller_, plant_.truth());
    plant_.write(command);
  }
  // ... and the next sample, from data in which a control period has passed.
  void sense(bool moved) {
    ++done_;
    diverged_ = !moved;
    if (moved) plant_.read(state_);
    if (diverged_ || done_ == ticks_ || watched()) end();
  }

  // A run has begun, and nothing has ended it yet.
  bool under_way() const { return under_way_; }
  // Throws std::runtime_error when there is no run to go on with.
  void check_goes_on() const {
    if (under_way_ && plant_.data() != on_) {
      throw std::runtime_error(
          "the plant of an episode was started on other data; begin() the episode anew");
    }
    if (!under_way_ && done_ == 0) {
      throw std::runtime_error("an episode cannot go on before it has begun; call begin() first");
    }
  }
  // After an error that left MuJoCo in the middle of a step.
  void abandon() {
    under_way_ = false;
    plant_.finish();
    own_.reset();
    on_ = nullptr;
  }
  // The simulation as it stands, also after the end; null where it was not on data of its own.
  const mjData* data() const { return on_ == own_.get() ? on_ : nullptr; }

  // The same steps and schedule once more with the recorded torques, without sensing, control and
  // log: for comparing speed.
  void replay(mjData& d) {
    start(d);
    for (int i = 0; i < recorder_.count() && !diverged_; ++i) {
      recorder_.effort(i, replayed_.effort);
      plant_.write(replayed_);
      diverged_ = !plant_.advance();
    }
    end();
  }

 private:
  struct Watch {
    int column;
    double low, high;
  };
  struct FreeData {
    void operator()(mjData* d) const { mj_deleteData(d); }
  };

  bool watched() const {
    for (const Watch& watch : watches_) {
      const double value = recorder_.last()[watch.column];
      if (!(value >= watch.low && value <= watch.high)) return true;
    }
    return false;
  }

  void start(mjData& d, std::shared_ptr<const void> owner = nullptr) {
    under_way_ = diverged_ = false;
    on_ = &d;
    mj_resetData(&m_, &d);
    std::copy(initial_qpos_.begin(), initial_qpos_.end(), d.qpos);
    plant_.start(d, std::move(owner));
  }

  void end() {
    note_qpos();
    under_way_ = false;
    plant_.finish();
  }

  void note_qpos() { std::copy_n(on_->qpos, m_.nq, final_qpos_.begin()); }

  std::shared_ptr<const void> model_owner_;
  mjModel& m_;
  SimPlant plant_;
  Controller controller_;
  Recorder recorder_;
  int ticks_, done_ = 0;
  std::vector<double> initial_qpos_, final_qpos_;
  std::vector<Watch> watches_;
  std::unique_ptr<mjData, FreeData> own_;
  const mjData* on_ = nullptr;
  bool under_way_ = false, diverged_ = false;
  HandState state_;
  HandCommand replayed_;
};

}  // namespace handloop
