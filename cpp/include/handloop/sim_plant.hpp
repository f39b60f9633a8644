// The hand in MuJoCo, with the sensors it would have: noisy, biased and late.
#pragma once

#include <mujoco/mujoco.h>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "handloop/actuator/sensed_drives.hpp"
#include "handloop/plant.hpp"
#include "handloop/random.hpp"
#include "handloop/schedule.hpp"
#include "handloop/sensor_faults.hpp"
#include "handloop/sim_plant_ids.hpp"
#include "handloop/tendon_drag.hpp"

namespace handloop {

inline constexpr int kMaxDelay = 64;  // [control periods]

struct SensorModel {
  std::uint64_t seed = 0;
  int delay = 0;                  // [control periods] from sample to reading
  double position_noise = 0.0;    // [rad], standard deviation
  double velocity_noise = 0.0;    // [rad/s]
  double force_noise = 0.0;       // [N], per axis
  double force_gain_error = 0.0;  // standard deviation of a gain drawn once per finger
  double slip_noise = 0.0;        // [m/s]
  double current_noise = 0.0;     // [A]
};

class SimPlant final : public Plant {
 public:
  // `tendon_friction` is the truth; the controller has a belief of its own. Throws
  // std::invalid_argument when ids, delay, periods or friction do not fit the model.
  SimPlant(mjModel& m, SimPlantIds ids, const SensorModel& sensors, double control_period,
           const CapstanFriction& tendon_friction = {})
      : m_(m),
        ids_(std::move(ids)),
        sensors_(sensors),
        random_(sensors.seed),
        control_period_(control_period) {
    check(control_period);
    check(tendon_friction);
    sim_plant_ids::check(m, ids_);
    steps_per_tick_ = whole_ratio(control_period, m.opt.timestep);
    ticks_per_step_ = whole_ratio(m.opt.timestep, control_period);
    if (steps_per_tick_ == 0 && ticks_per_step_ == 0) {
      throw std::invalid_argument("the control period " + std::to_string(control_period) +
                                  " s is not a whole number of simulation steps of " +
                                  std::to_string(m.opt.timestep) +
                                  " s, nor the step one of control periods");
    }
    steps_per_tick_ = std::max(steps_per_tick_, 1);
    ticks_per_step_ = std::max(ticks_per_step_, 1);
    for (HandState& sample : delayed_) {
      sample.q = sample.dq = JointVector::Zero(joint_count());
    }
    if (tendon_friction.coefficient > 0.0) {
      drag_.emplace(m, HandIds{ids_.joint, ids_.tip}, ids_.actuator, tendon_friction);
    }
    if (ids_.drives.any()) {
      drives_.emplace(m, ids_.joint, ids_.actuator, ids_.drives, control_period,
                      kMaxDelay - 1 - sensors.delay);
    }
  }

  ~SimPlant() override { finish(); }

  // From the next start on. Throws std::invalid_argument when the model has no such thing.
  void add(Track track) { schedule_.add(m_, std::move(track)); }
  // Throws std::invalid_argument when the hand has no such joint, finger or motor.
  void inject(const SensorFault& fault) {
    faults_.add(fault, static_cast<int>(joint_count()), finger_count(), motor_count());
  }
  const mjModel& model() const { return m_; }
  const mjData* data() const { return d_; }  // null: not started
  double control_period() const { return control_period_; }
  Eigen::Index joint_count() const { return static_cast<Eigen::Index>(ids_.joint.size()); }
  int finger_count() const { return static_cast<int>(ids_.tip.size()); }
  int motor_count() const { return static_cast<int>(ids_.actuator.size()); }

  // Starts a run on `d`, which the caller has put into its initial state and which `owner`, if
  // given, keeps in being until the next start or finish().
  void start(mjData& d, std::shared_ptr<const void> owner = nullptr) {
    d_ = &d;
    owner_ = std::move(owner);
    random_ = Random(sensors_.seed);
    for (double& gain : force_gain_) gain = 1.0 + sensors_.force_gain_error * random_.normal();
    reads_ = sequence_ = 0;
    tick_in_step_ = 0;
    schedule_.rewind();
    faults_.rewind();
    schedule_.apply(m_, d);
    if (drives_) drives_->start(m_, d);
    mj_forward(&m_, &d);
  }

  // The data may go away: from now on there is nothing to read.
  void finish() {
    if (drives_ && d_) drives_->finish(m_);
    d_ = nullptr;
    owner_.reset();
  }

  void check_ready() const override {
    if (!d_) throw std::runtime_error("the plant has no data; call start(data) first");
  }
  double now() const override { return d_->time + tick_in_step_ * control_period_; }
  // Where a joint is, and how fast, without sensors in between.
  double position(int joint) const { return d_->qpos[m_.jnt_qposadr[id_of(joint)]]; }
  double velocity(int joint) const { return d_->qvel[m_.jnt_dofadr[id_of(joint)]]; }
  // A gear that is stuck: dry friction that nothing overcomes.
  void jam(int joint, bool jammed) {
    if (drives_ && drives_->jam(joint, jammed)) return;
    mjtNum& friction = m_.dof_frictionloss[m_.jnt_dofadr[id_of(joint)]];
    auto& freed = friction_before_jam_[static_cast<std::size_t>(joint)];
    if (jammed && !freed) freed = std::exchange(friction, kJam);
    if (!jammed && freed) friction = *std::exchange(freed, std::nullopt);
  }
  const double* truth() const override { return d_->sensordata; }

  void read(HandState& state) override {
    HandState& newest = delayed_[reads_ % kMaxDelay];
    if (tick_in_step_ == 0 || reads_ == 0) {
      sense(newest);
    } else {
      newest = delayed_[(reads_ - 1) % kMaxDelay];
    }
    const auto delay = static_cast<std::uint64_t>(sensors_.delay);
    state = reading(delay);
    if (drives_) {
      for (const auto& late : drives_->late()) late.take(reading(delay + late.ticks), state);
    }
    faults_.apply(state, now());
    ++reads_;
  }

  void write(const HandCommand& command) override {
    for (std::size_t i = 0; i < ids_.actuator.size(); ++i) {
      const double effort = command.effort[static_cast<Eigen::Index>(i)];
      if (drives_ && drives_->tell(m_, i, effort)) continue;
      d_->ctrl[m_.actuator_ctrladr[ids_.actuator[i]]] = effort;
    }
  }

  // Before every step: what tracks drive, what the guides of tendons take, and what real actuators
  // do.
  void prepare_step() {
    schedule_.apply(m_, *d_);
    if (drag_) drag_->apply(m_, *d_);
    if (drives_) drives_->before_step(m_, *d_, drag_.has_value());
  }

  // Where several ticks share one step, the torques written last count for the whole of it.
  bool advance() override {
    if (++tick_in_step_ < ticks_per_step_) return true;
    tick_in_step_ = 0;
    for (int i = 0; i < steps_per_tick_; ++i) {
      prepare_step();
      mj_step(&m_, d_);
    }
    return d_->warning[mjWARN_BADQACC].number == 0 && d_->warning[mjWARN_BADQPOS].number == 0 &&
           d_->warning[mjWARN_BADQVEL].number == 0;
  }

 private:
  // Contact sensor layout: found, force(3), pos(3), normal(3), tangent(3), then whatever else was
  // asked for.
  static constexpr int kForce = 1, kPosition = 4, kNormal = 7, kTangent = 10;
  // longer / shorter if that is a whole number, else 0.
  static int whole_ratio(double longer, double shorter) {
    const double ratio = longer / shorter;
    if (!(ratio > 0.5 && ratio < 1e6)) return 0;
    const double whole = std::round(ratio);
    return std::abs(ratio - whole) <= 1e-9 * whole ? static_cast<int>(whole) : 0;
  }

  void check(double control_period) const {
    if (!(control_period > 0.0)) throw std::invalid_argument("the control period must be > 0");
    if (sensors_.delay < 0 || sensors_.delay >= kMaxDelay) {
      throw std::invalid_argument("the sensor delay must be 0 to 63 control periods");
    }
  }

  static void check(const CapstanFriction& friction) {
    if (!(friction.coefficient >= 0.0 && std::isfinite(friction.coefficient))) {
      throw std::invalid_argument("tendon_friction.coefficient must be >= 0 and finite, not " +
                                  std::to_string(friction.coefficient));
    }
    if (!(friction.velocity > 0.0 && std::isfinite(friction.velocity))) {
      throw std::invalid_argument("tendon_friction.velocity must be > 0 m/s and finite, not " +
                                  std::to_string(friction.velocity));
    }
  }

  void sense(HandState& sample) {
    sample.time = d_->time;
    sample.sequence = sequence_++;
    for (std::size_t i = 0; i < ids_.joint.size(); ++i) {
      const int joint = ids_.joint[i];
      const auto k = static_cast<Eigen::Index>(i);
      sample.q[k] = d_->qpos[m_.jnt_qposadr[joint]] + noise(sensors_.position_noise);
      sample.dq[k] = d_->qvel[m_.jnt_dofadr[joint]] + noise(sensors_.velocity_noise);
    }
    for (std::size_t f = 0; f < ids_.contact.size(); ++f) sense_contact(f, sample.contact[f]);
    sense_current(sample.current);
    if (drives_) drives_->sense(sample);
    for (double& current : sample.current) current += noise(sensors_.current_noise);
  }

  void sense_current(ActuatorVector& current) const {
    current.resize(static_cast<Eigen::Index>(ids_.torque_constant.size()));
    for (std::size_t i = 0; i < ids_.torque_constant.size(); ++i) {
      const double torque = d_->actuator_force[m_.actuator_outadr[ids_.actuator[i]]];
      current[static_cast<Eigen::Index>(i)] = torque / ids_.torque_constant[i];
    }
  }

  void sense_contact(std::size_t f, FingerContact& out) {
    const mjtNum* reading = d_->sensordata + m_.sensor_adr[ids_.contact[f]];
    out = {};
    out.touching = reading[0] > 0.0;
    const Vec3 force_noise(noise(sensors_.force_noise), noise(sensors_.force_noise),
                           noise(sensors_.force_noise));
    const double slip_noise = noise(sensors_.slip_noise);
    if (!out.touching) return;
    out.force = force_gain_[f] * Vec3(reading[kForce], reading[kForce + 1], reading[kForce + 2]) +
                force_noise;
    const Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>> world_from_tip(
        d_->site_xmat + 9 * ids_.tip[f]);
    const Eigen::Map<const Vec3> tip(d_->site_xpos + 3 * ids_.tip[f]);
    out.position = world_from_tip.transpose() * (Eigen::Map<const Vec3>(reading + kPosition) - tip);
    out.normal = world_from_tip.transpose() * Eigen::Map<const Vec3>(reading + kNormal);
    out.tangent = world_from_tip.transpose() * Eigen::Map<const Vec3>(reading + kTangent);
    out.slip_speed = std::abs(skin_speed(f) + slip_noise);
  }

  // Mean tangential speed over the taxels that are pressed in, [m/s].
  double skin_speed(std::size_t f) const {
    if (ids_.tactile.empty()) return 0.0;
    const int sensor = ids_.tactile[f];
    const int taxels = m_.sensor_dim[sensor] / 3;
    const mjtNum* depth = d_->sensordata + m_.sensor_adr[sensor];
    double speed = 0.0;
    int pressed = 0;
    for (int i = 0; i < taxels; ++i) {
      if (depth[i] <= 0.0) continue;
      speed += std::hypot(depth[taxels + i], depth[2 * taxels + i]);
      ++pressed;
    }
    return pressed > 0 ? speed / pressed : 0.0;
  }

  static constexpr double kJam = 1e3;  // [N m]

  // What was sensed so many reads ago, or first.
  const HandState& reading(std::uint64_t age) const {
    return delayed_[(reads_ - std::min(age, reads_)) % kMaxDelay];
  }

  int id_of(int joint) const { return ids_.joint[static_cast<std::size_t>(joint)]; }

  double noise(double deviation) { return deviation > 0.0 ? deviation * random_.normal() : 0.0; }

  mjModel& m_;
  mjData* d_ = nullptr;
  std::shared_ptr<const void> owner_;
  SimPlantIds ids_;
  SensorModel sensors_;
  Random random_;
  Schedule schedule_;
  SensorFaults faults_;
  std::optional<TendonDrag> drag_;
  std::optional<actuator::SensedDrives> drives_;
  PerFinger<double> force_gain_{};
  std::array<std::optional<double>, kMaxJoints> friction_before_jam_;
  double control_period_;
  int steps_per_tick_, ticks_per_step_;  // one of the two is 1
  int tick_in_step_ = 0;
  std::uint64_t reads_ = 0, sequence_ = 0;
  std::array<HandState, kMaxDelay> delayed_{};
};

}  // namespace handloop
